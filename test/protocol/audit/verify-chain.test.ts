import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  type ChainedEvent,
  chainEvent,
  GENESIS,
} from '../../../src/protocol/audit/chain.js';
import {
  auditKeyId,
  type Checkpoint,
  checkpointDigest,
  signCheckpoint,
} from '../../../src/protocol/audit/checkpoint.js';
import { verifyChain } from '../../../src/protocol/audit/verify-chain.js';

const TENANT = '01JA9V3R8WZQK4T6E5M2N7X0CB';
const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;
const server = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const keys = new Map([[auditKeyId(server.publicKey), server.publicKey]]);

/** One event a minute, a checkpoint every ten. */
function grow(count: number, note = 'honest', from: readonly ChainedEvent[] = []): ChainedEvent[] {
  const events = [...from];
  for (let seq = events.length + 1; seq <= count; seq++) {
    events.push(chainEvent(events.at(-1)?.hash ?? GENESIS, eventOf(seq, { note })));
  }
  return events;
}

function eventOf(seq: number, after: Record<string, unknown>, change: Partial<AuditEvent> = {}): AuditEvent {
  return {
    v: 1,
    tenant: TENANT,
    seq,
    at: new Date(START + seq * MINUTE).toISOString(),
    actor: { kind: 'user', id: 'u1', name: 'ada@example.com' },
    address: '192.0.2.1',
    requestId: 'request-1',
    action: 'project.create',
    target: null,
    outcome: 'done',
    before: null,
    after,
    ...change,
  };
}

function seal(events: readonly ChainedEvent[], key = server.privateKey): Checkpoint[] {
  const checkpoints: Checkpoint[] = [];
  for (let seq = 10; seq <= events.length; seq += 10) {
    const before = checkpoints.at(-1);
    const unsigned = {
      v: 1 as const,
      tenant: TENANT,
      number: checkpoints.length + 1,
      seq,
      hash: events[seq - 1]!.hash,
      at: new Date(START + seq * MINUTE).toISOString(),
      previous: before === undefined ? GENESIS : checkpointDigest(before),
      intervalMs: 10 * MINUTE,
    };
    checkpoints.push(signCheckpoint(unsigned, key));
  }
  return checkpoints;
}

interface Facts {
  readonly events: ChainedEvent[];
  readonly checkpoints: Checkpoint[];
  readonly held: Checkpoint[];
  readonly now: number;
}

const honest = (): Facts => {
  const events = grow(45);
  return { events, checkpoints: seal(events), held: [], now: START + 46 * MINUTE };
};

function verify({ events, checkpoints, held, now }: Facts) {
  const stream = async function* () {
    yield* events;
  };
  return verifyChain({ tenant: TENANT, events: stream(), checkpoints, held, keys, now: () => now });
}

describe('an honest chain', () => {
  it('passes, and says how far it was read', async () => {
    expect(await verify(honest())).toMatchObject({
      verdict: 'pass',
      events: 45,
      firstSeq: 1,
      lastSeq: 45,
      checkpoints: 4,
      firstBad: null,
      notes: [],
    });
  });

  it('passes with a checkpoint that the auditor holds', async () => {
    const facts = honest();
    expect((await verify({ ...facts, held: facts.checkpoints.slice(1, 2) })).verdict).toBe('pass');
  });

  it('passes before its first checkpoint is due', async () => {
    const events = grow(5);
    expect((await verify({ events, checkpoints: [], held: [], now: START + 6 * MINUTE })).verdict).toBe(
      'pass',
    );
  });

  it('passes after retention, which says itself how far it went', async () => {
    const events = grow(44);
    const purge = eventOf(
      45,
      { through: 20 },
      {
        action: 'audit.purge',
        actor: { kind: 'system', id: null, name: 'roc' },
      },
    );
    events.push(chainEvent(events.at(-1)!.hash, purge));
    const facts = { ...honest(), events: events.slice(20), checkpoints: seal(events).slice(1) };
    expect(await verify(facts)).toMatchObject({ verdict: 'pass', events: 25, firstSeq: 21 });
  });
});

const change = (seq: number) => (facts: Facts) => {
  const event = facts.events[seq - 1]!;
  facts.events[seq - 1] = { ...event, body: event.body.replace('ada@', 'eve@') };
};

type Tamper = (facts: Facts) => unknown;

/** What an insider may do to the rows, and the first event that the verdict must name. */
const TAMPERED: readonly (readonly [string, number | null, Tamper])[] = [
  ['the first event changed', 1, change(1)],
  ['an event changed', 17, change(17)],
  ['the last event changed', 45, change(45)],
  [
    'an event changed together with its hash',
    18,
    ({ events }) => void events.splice(16, 1, chainEvent(events[15]!.hash, eventOf(17, { note: 'x' }))),
  ],
  ['an event removed', 23, ({ events }) => void events.splice(22, 1)],
  ['the first event removed', 1, ({ events }) => void events.splice(0, 1)],
  ['two bodies swapped', 30, ({ events }) => void swapBodies(events, 29, 30)],
  ['two rows swapped', 30, ({ events }) => void events.splice(29, 2, events[30]!, events[29]!)],
  ['an event told twice', 9, ({ events }) => void events.splice(9, 0, events[8]!)],
  [
    'all rewritten from one event on, before a checkpoint',
    40,
    ({ events }) => void events.splice(0, 45, ...grow(45, 'forged', events.slice(0, 35))),
  ],
  ['the tail cut below the newest checkpoint', 38, ({ events }) => void events.splice(37)],
  [
    'the tail and the newest checkpoint cut, the auditor holds one',
    38,
    ({ events, checkpoints }) => ({
      events: events.slice(0, 37),
      checkpoints: checkpoints.slice(0, 3),
      held: checkpoints.slice(3),
    }),
  ],
  [
    'the tail and the newest checkpoint cut, so that the newest is old',
    31,
    ({ events, checkpoints }) => ({ events: events.slice(0, 37), checkpoints: checkpoints.slice(0, 3) }),
  ],
  [
    'cut and grown again beyond the checkpoint that the auditor holds',
    null,
    ({ events, checkpoints }) => {
      const forged = grow(60, 'forged', events.slice(0, 35));
      return {
        events: forged,
        checkpoints: seal(forged),
        held: checkpoints.slice(3),
        now: START + 61 * MINUTE,
      };
    },
  ],
  ['all of it gone', 1, () => ({ events: [], checkpoints: [] })],
  [
    'all of it gone, the auditor holds a checkpoint',
    1,
    ({ checkpoints }) => ({ events: [], checkpoints: [], held: checkpoints.slice(0, 1) }),
  ],
  ['all checkpoints gone', 1, () => ({ checkpoints: [] })],
  [
    'a checkpoint in the middle gone is no harm, its neighbours hold',
    0,
    ({ checkpoints }) => void checkpoints.splice(1, 1),
  ],
  [
    'a checkpoint signed by somebody else',
    null,
    ({ events, checkpoints }) => void checkpoints.splice(3, 1, seal(events, stranger.privateKey)[3]!),
  ],
  [
    'a checkpoint changed',
    null,
    ({ checkpoints }) => void checkpoints.splice(3, 1, { ...checkpoints[3]!, seq: 39 }),
  ],
  [
    'a checkpoint of another tenant',
    null,
    ({ checkpoints }) => void checkpoints.push({ ...checkpoints[3]!, tenant: 'other', number: 5 }),
  ],
  [
    'the beginning removed as if by retention',
    1,
    (facts) => ({ events: facts.events.slice(20), checkpoints: facts.checkpoints.slice(1) }),
  ],
  ['the beginning removed to where no checkpoint ends', 21, ({ events }) => ({ events: events.slice(21) })],
];

function swapBodies(events: ChainedEvent[], a: number, b: number): void {
  const [one, other] = [events[a]!, events[b]!];
  events[a] = { ...one, body: other.body, hash: other.hash };
  events[b] = { ...other, body: one.body, hash: one.hash };
}

describe('a chain that somebody touched', () => {
  it.each(TAMPERED)('%s: names event %s', async (_, seq, tamper) => {
    const facts = honest();
    const changed = { ...facts, ...(tamper(facts) as Partial<Facts> | undefined) };
    const { verdict, firstBad } = await verify(changed);
    if (seq === 0) expect([verdict, firstBad]).toEqual(['pass', null]);
    else expect([verdict, firstBad?.seq]).toEqual(['fail', seq]);
  });

  it('finds every single changed, removed or swapped event', async () => {
    for (let seq = 1; seq <= 45; seq++) {
      for (const tamper of [change(seq), ({ events }: Facts) => void events.splice(seq - 1, 1)]) {
        const facts = honest();
        tamper(facts);
        const { firstBad } = await verify(facts);
        // The last ones are covered by no checkpoint yet: of these a removal shows only in what the auditor holds.
        const isTailCut = facts.events.length === 44 && seq === 45;
        expect(firstBad?.seq, `event ${seq}`).toBe(isTailCut ? undefined : seq);
      }
    }
  });

  it('tells of a column beside the body that was changed', async () => {
    const { events, checkpoints } = honest();
    const stream = async function* () {
      for (const event of events) {
        const actor = event.seq === 12 ? 'u2' : 'u1';
        yield {
          ...event,
          columns: { action: 'project.create', actor, target: null, at: START + event.seq * MINUTE },
        };
      }
    };
    const verdict = await verifyChain({
      tenant: TENANT,
      events: stream(),
      checkpoints,
      keys,
      now: () => START + 46 * MINUTE,
    });
    expect(verdict.firstBad?.seq).toBe(12);
  });
});
