/** Every wait of a session has one of these limits, in milliseconds. */
import { MINUTE, SECOND } from '../../kernel/time.js';

export interface Deadlines {
  /** TCP, TLS and the WebSocket upgrade. */
  readonly connect: number;
  /** From the first link to the end of the handshake. */
  readonly start: number;
  /** All attempts to come back after a lost link. */
  readonly resume: number;
  /** No acknowledgement although messages are under way. */
  readonly stall: number;
  /** The peer's "stop sending". */
  readonly pause: number;
  /** A ping goes out so often… */
  readonly ping: number;
  /** …and a link on which nothing was heard for so long is dropped. */
  readonly silence: number;
  /** The goodbye to the agent, and again the one to the API. */
  readonly terminate: number;
}

export const DEADLINES: Deadlines = {
  connect: 15 * SECOND,
  start: 30 * SECOND,
  resume: 5 * MINUTE,
  stall: 2 * MINUTE,
  pause: 10 * MINUTE,
  ping: 10 * SECOND,
  silence: 30 * SECOND,
  terminate: 2 * SECOND,
};
