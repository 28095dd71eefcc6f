/** The runner's access token: traded for a signed assertion, renewed before it ends, one trade at a time. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { MINUTE, SECOND } from '../kernel/time.js';
import type { Identity } from './identity.js';
import type { ServerClock } from './server-clock.js';

export interface AccessTokens {
  /** A token that is good for the next request. */
  get(): Promise<string>;
  /** The server refused this one: the next is new. */
  drop(token: string): void;
}

/** What the server answers to an assertion. */
export type TradeAssertion = (assertion: string) => Promise<{ accessToken: string; expiresAt: string }>;

const ASSERTION_LIFE = 50 * SECOND;
/** Both clocks are known to a second only. */
const ASSERTION_AGE = 5 * SECOND;
const MOST_LEAD = MINUTE;

interface Held {
  readonly token: string;
  /** Server time from which a new one is asked for while this one still serves, and at which it ends. */
  readonly renewAt: number;
  readonly endsAt: number;
}

export function createAccessTokens(
  identity: Identity,
  clock: ServerClock,
  trade: TradeAssertion,
): AccessTokens {
  let held: Held | null = null;
  let renewal: Promise<string> | null = null;

  const renew = (): Promise<string> => {
    renewal ??= obtain().finally(() => {
      renewal = null;
    });
    return renewal;
  };
  const obtain = async (): Promise<string> => {
    const { accessToken, expiresAt } = await tradeByServerTime();
    held = heldUntil(accessToken, clock.now(), Date.parse(expiresAt));
    return accessToken;
  };
  // A refusal may only mean that this host's clock is wrong; it came with the server's own time.
  const tradeByServerTime = async () => {
    const before = clock.offset();
    try {
      return await trade(await signAssertion(identity, clock.now()));
    } catch (error) {
      if (clock.offset() === before) throw error;
      return trade(await signAssertion(identity, clock.now()));
    }
  };
  return {
    async get() {
      const now = clock.now();
      if (held === null || now >= held.endsAt) return renew();
      // Nobody waits for this one: the token at hand is good until it comes, and a failure is met again.
      if (now >= held.renewAt) renew().catch(() => undefined);
      return held.token;
    },
    drop(token) {
      if (held?.token === token) held = null;
    },
  };
}

/** RFC 7523 §3 with a `typ` of its own (RFC 8725 §3.11), so that it is good for nothing else. */
function signAssertion(identity: Identity, serverNow: number): Promise<string> {
  const at = Math.floor((serverNow - ASSERTION_AGE) / SECOND);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-assertion+jwt' })
    .setIssuer(identity.runnerId)
    .setSubject(identity.runnerId)
    .setAudience(identity.audience)
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + ASSERTION_LIFE / SECOND)
    .sign(identity.keys.sign);
}

function heldUntil(token: string, now: number, expiresAt: number): Held {
  const life = Math.max(expiresAt - now, 0);
  const lead = Math.min(MOST_LEAD, life / 3);
  return { token, renewAt: expiresAt - lead, endsAt: expiresAt - lead / 4 };
}
