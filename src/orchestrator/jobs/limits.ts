/** The times that runner and server agree on, in milliseconds. */
import { SECOND } from '../../kernel/time.js';

/** How long a lease lasts from its newest renewal. */
export const LEASE_MS = 60 * SECOND;
export const HEARTBEAT_MS = 15 * SECOND;
/** An offer whose reply was lost is back in the queue this soon: no heartbeat names it, nobody starts it. */
export const OFFER_MS = 20 * SECOND;
/** What a robot gets between the request to stop and the kill. */
export const CANCEL_GRACE_MS = 10 * SECOND;
/** A runner is online while it was heard of this recently: three heartbeats. */
export const ONLINE_MS = 3 * HEARTBEAT_MS;
