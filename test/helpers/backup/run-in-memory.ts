/** A whole run on an account in memory: fake clock, fake database, a journal that can be killed at any line. */
import { createHash } from 'node:crypto';
import type { SweptThing } from '../../../src/backup/answers.js';
import { assetSchema, type RdsAsset } from '../../../src/backup/model.js';
import type { CheckResult } from '../../../src/backup/results.js';
import type { RunContext, RunPorts } from '../../../src/backup/run/context.js';
import { drive } from '../../../src/backup/run/drive.js';
import type { RunPlan } from '../../../src/backup/run/events.js';
import { beginJournal, type Journal, type Lines, openJournal } from '../../../src/backup/run/journal.js';
import type { RunState } from '../../../src/backup/run/state.js';
import { sweep } from '../../../src/backup/sweep.js';
import { RocError } from '../../../src/kernel/errors.js';
import { silentLog } from '../../../src/kernel/log.js';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';
import { createMemoryCloud, databaseFacts, type MemoryCloud } from './memory-cloud.js';

export const RUN = '20261122-001500-k3x9qz';
export const TEST_ID = `roc-v-${RUN}`;
export const START = Date.UTC(2026, 10, 22, 0, 15);

/** Thrown where the process "dies". */
class Killed extends Error {}

export interface Laboratory {
  readonly world: MemoryCloud;
  readonly asset: RdsAsset;
  time: number;
  /** How far the host's own clock is from the steady one. */
  jump: number;
  /** The journal as it is on the disk. */
  text: string;
  /** Dies at this line (from 1), before or after it is written. */
  killAt: { readonly line: number; readonly when: 'before' | 'after' } | null;
  /** Results of the checks, in order. */
  results: CheckResult[];
  /** Throws in the ports: the way to the copy. */
  brokenWays: number;
  plan(change?: Partial<RunPlan>): RunPlan;
  begin(signal?: AbortSignal, change?: Partial<RunPlan>): Promise<RunState>;
  resume(signal?: AbortSignal): Promise<RunState>;
  sweep(apply?: boolean): Promise<SweptThing[]>;
  /** Whether somebody drives the run, as the sweeper sees it. */
  isLive: () => boolean;
  /** Called before each check. */
  onCheck: () => void;
  /** Called whenever the run waits. */
  onSleep: (ms: number) => void;
}

export function createLaboratory(): Laboratory {
  const asset = assetSchema.parse({
    id: 'shop',
    type: 'rds-mysql',
    rpo: '15m',
    rto: '2h',
    retention: { min: '35d' },
    testEvery: '30d',
    target: { maxCostUsd: 25 },
  }) as RdsAsset;
  const lab = {
    time: START,
    jump: 0,
    text: '',
    killAt: null as Laboratory['killAt'],
    results: ['schema', 'tables'].map((id) => pass(id)),
    brokenWays: 0,
    isLive: () => false,
    onSleep: () => {},
    onCheck: () => {},
  };
  const now = () => lab.time;
  const world = createMemoryCloud(now);
  world.instances.set('shop-prod', {
    facts: databaseFacts('shop-prod'),
    bornAt: 0,
    deletedAt: null,
    end: 'available',
  });
  world.instances.set('roc-v-mine', {
    facts: databaseFacts('roc-v-mine'),
    bornAt: 0,
    deletedAt: null,
    end: 'available',
  });
  for (const hours of [1, 5, 9]) world.snapshots.push(snapshot(`snap-${hours}`, START - hours * 10 * MINUTE));

  const laboratory = Object.assign(lab, { world, asset }) as unknown as Laboratory;
  const lines: Lines = {
    read: () => laboratory.text,
    append(text) {
      const line = laboratory.text.split('\n').length;
      const dies = laboratory.killAt;
      if (dies !== null && (line > dies.line || (line === dies.line && dies.when === 'before')))
        throw new Killed();
      laboratory.text += text;
      if (dies !== null && line === dies.line) throw new Killed();
    },
    truncate: (bytes) => {
      laboratory.text = laboratory.text.slice(0, bytes);
    },
  };
  let drawn = 0;
  const context = (journal: Journal, signal: AbortSignal): RunContext => ({
    cloud: world.cloud,
    journal,
    ports: portsOf(laboratory),
    ca: '-----BEGIN CERTIFICATE-----',
    sources: ['shop-prod'],
    now,
    sleep: async (ms) => {
      laboratory.time += ms;
      laboratory.onSleep(ms);
      if (laboratory.time - START > 100 * HOUR) throw new Killed('the run never ends');
    },
    wallClock: () => laboratory.time + laboratory.jump,
    random: () => 0.5,
    randomBytes: (length) => createHash('sha512').update(String(drawn++)).digest().subarray(0, length),
    poll: 15_000,
    signal,
    points: () => world.cloud.snapshots('shop-prod'),
    log: silentLog,
    onProgress: () => {},
  });
  laboratory.plan = (change = {}) => planOf(asset, world, change);
  laboratory.begin = async (signal = new AbortController().signal, change = {}) => {
    const journal = beginJournal({ lines, now }, { type: 'planned', plan: laboratory.plan(change) });
    return drive(context(journal, signal), { renew: async () => {} });
  };
  laboratory.resume = async (signal = new AbortController().signal) => {
    const journal = openJournal({ lines, now });
    journal.append({ type: 'resumed', operator: 'ana' });
    return drive(context(journal, signal), { renew: async () => {} });
  };
  laboratory.sweep = (apply = true) =>
    sweep({
      cloud: world.cloud,
      sources: ['shop-prod'],
      isLive: async () => laboratory.isLive(),
      apply,
      now,
      sleep: async (ms) => {
        laboratory.time += ms;
      },
      random: () => 0.5,
      poll: 15_000,
      signal: new AbortController().signal,
      log: silentLog,
    });
  return laboratory;
}

export function pass(id: string, change: Partial<CheckResult> = {}): CheckResult {
  return { id, verdict: 'pass', expected: 'same', actual: 'same', seconds: 1, critical: true, ...change };
}

function snapshot(id: string, at: number) {
  return {
    kind: 'manual' as const,
    id,
    arn: null,
    source: 'shop-prod',
    at,
    status: 'available',
    encrypted: true,
    kmsKeyId: 'key-1',
    sizeGb: 20,
    engineVersion: '8.0.39',
    tags: {},
  };
}

function planOf(asset: RdsAsset, world: MemoryCloud, change: Partial<RunPlan>): RunPlan {
  return {
    run: RUN,
    asset,
    policy: { id: 'BKP-01', approvedBy: null, approvedOn: null, sha256: 'a'.repeat(64) },
    toolVersion: '0.0.0',
    operator: { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/ana' },
    region: 'us-east-1',
    source: 'shop-prod',
    point: world.snapshots[0] as RunPlan['point'],
    placement: {
      class: 'db.t4g.medium',
      fallbackClass: 'db.t3.medium',
      subnetGroup: 'isolated',
      securityGroups: ['sg-1'],
      multiAz: false,
      copyParameterGroup: 'shop-mysql8',
      parameterGroup: null,
      optionGroup: null,
      caId: null,
      storageType: null,
      port: 3306,
      vault: null,
      restoreRole: null,
    },
    expires: START + 8 * HOUR,
    owner: 'ana',
    costUsd: 1,
    keepOnFailure: null,
    ...change,
  };
}

function portsOf(lab: Laboratory): RunPorts {
  const way = {
    kind: 'direct',
    host: '',
    port: 3306,
    sessionId: null,
    close: async () => {},
    connect: neverUsed,
  } as const;
  return {
    async openWay(_asset, host, port) {
      if (lab.brokenWays-- > 0) throw new RocError('ROC_UNREACHABLE', 'the tunnel is broken');
      return { ...way, host, port };
    },
    proveIdentity: async () => ({ subject: 'CN', protocol: 'TLSv1.3' }),
    createConnector: () => ({
      connect: async () => ({
        query: async () => [],
        tls: { protocol: 'TLSv1.3', cipher: '', subject: '', issuer: '' },
        close: async () => {},
      }),
      acceptsPlaintext: async () => false,
      close: async () => {},
    }),
    checks: {
      planned: () => ['schema', 'tables'].map((id) => ({ id, critical: true })),
      async *run({ done }) {
        for (const result of lab.results) {
          lab.time += MINUTE;
          lab.onCheck();
          if (!done.has(result.id)) yield result;
        }
      },
    },
    findManifest: async () => null,
    writeEvidence: async ({ run }) => ({ file: `${run}.json`, sha256: 'e'.repeat(64), signature: null }),
    publish: async () => {},
  };
}

function neverUsed(): never {
  throw new TypeError('the fake connector opens no stream');
}
