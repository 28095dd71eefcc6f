/** The room's judgements: which point, which gaps, what price, where to, what may be deleted, what verdict. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectionsToCleaning, objectionsToSweeping, SWEEP_GUARDS } from '../../src/backup/decide/guards.js';
import { placementOf } from '../../src/backup/decide/placement.js';
import {
  choosePoint,
  gapsOf,
  longestGap,
  nextPoint,
  type PointFacts,
} from '../../src/backup/decide/points.js';
import { drillCost } from '../../src/backup/decide/price.js';
import { meaningOf, STATUSES } from '../../src/backup/decide/status.js';
import type { RestorePoint } from '../../src/backup/facts.js';
import { copiesOf, retentionOf } from '../../src/backup/list.js';
import { DAY, HOUR, MINUTE } from '../../src/kernel/time.js';
import { databaseFacts } from '../helpers/backup/memory-cloud.js';
import { createLaboratory, RUN, START, TEST_ID } from '../helpers/backup/run-in-memory.js';

const point = (id: string, age: number, change: Partial<RestorePoint> = {}): RestorePoint => ({
  kind: 'manual',
  id,
  arn: `arn:${id}`,
  source: 'shop',
  at: START - age,
  status: 'available',
  encrypted: true,
  kmsKeyId: 'k',
  sizeGb: 20,
  engineVersion: '8.0',
  tags: {},
  ...change,
});
const facts = (points: readonly RestorePoint[], window: PointFacts['window'] = null): PointFacts => ({
  points,
  window,
  source: 'shop',
  encrypted: true,
  kmsKeyId: 'k',
  sizeGb: 20,
  engineVersion: '8.0',
});
const noChance = () => 0;

describe('choosing a point', () => {
  const points = [point('old', 2 * DAY), point('new', HOUR), point('being-made', 0, { status: 'creating' })];

  it.each([
    ['latest', 'new'],
    ['new', 'new'],
    ['arn:old', 'old'],
  ])('%s is %s', (wanted, id) => {
    expect(choosePoint(facts(points), wanted, noChance).id).toBe(id);
  });

  it('random is any usable one, evenly', () => {
    const chosen = [0, 0.49, 0.51, 0.99].map(
      (chance) => choosePoint(facts(points), 'random', () => chance).id,
    );
    expect(chosen).toEqual(['new', 'new', 'old', 'old']);
  });

  it('a point in time is a whole second inside the window', () => {
    const window = { from: START - DAY, to: START - 5 * MINUTE + 321 };
    expect(choosePoint(facts([], window), 'pitr:latest', noChance)).toMatchObject({
      kind: 'pitr',
      id: 'pitr:2026-11-22T00:10:00.000Z',
      at: START - 5 * MINUTE,
    });
    expect(choosePoint(facts([], window), 'latest', noChance).kind).toBe('pitr');
    expect(() => choosePoint(facts([], window), 'pitr:1999-01-01T00:00:00Z', noChance)).toThrow(
      /outside the window/,
    );
    expect(() => choosePoint(facts([], window), 'pitr:2031-01-01T00:00:00Z', noChance)).toThrow(
      /outside the window/,
    );
    expect(() => choosePoint(facts([], window), 'pitr:soon', noChance)).toThrow(/is no instant/);
    expect(() => choosePoint(facts(points), 'pitr:latest', noChance)).toThrow(/no window/);
  });

  it('says what is wrong with one that cannot be restored', () => {
    expect(() => choosePoint(facts(points), 'gone', noChance)).toThrow(/no restore point gone/);
    expect(() => choosePoint(facts(points), 'being-made', noChance)).toThrow(/is creating, not available/);
    expect(() => choosePoint(facts([]), 'latest', noChance)).toThrow(/has no restore point/);
  });

  it('the next one after a loss is the newest that is not newer', () => {
    const [old, fresh] = [point('old', 2 * DAY), point('new', HOUR)];
    expect(nextPoint(facts([old, fresh]), fresh)?.id).toBe('old');
    expect(nextPoint(facts([old, fresh]), old)).toBe(null);
  });
});

describe('gaps', () => {
  it('lie between points, and after the newest', () => {
    const gaps = gapsOf(
      facts([point('a', 3 * HOUR), point('b', 2 * HOUR), point('c', 110 * MINUTE)]),
      START,
      DAY,
      30 * MINUTE,
    );
    expect(gaps.map(({ ms }) => ms / MINUTE)).toEqual([60, 110]);
  });

  it('a window of point-in-time restores closes them', () => {
    const points = [point('a', 3 * HOUR), point('b', 2 * HOUR)];
    const window = { from: START - 4 * HOUR, to: START - 5 * MINUTE };
    expect(longestGap(facts(points, window), START, DAY)).toBe(5 * MINUTE);
    expect(longestGap(facts(points), START, DAY)).toBe(2 * HOUR);
    expect(longestGap(facts([]), START, DAY)).toBe(null);
  });

  it('are never longer than the span, whatever the points', () => {
    const ages = fc.array(fc.integer({ min: 0, max: 10 * DAY }), { maxLength: 20 });
    fc.assert(
      fc.property(ages, fc.integer({ min: HOUR, max: 5 * DAY }), (list, span) => {
        const points = list.map((age, index) => point(`p${index}`, age));
        const longest = longestGap(facts(points), START, span);
        if (points.length === 0) return longest === null;
        const newest = Math.min(...list);
        return longest !== null && longest <= Math.max(span, 0) && longest >= Math.min(newest, span);
      }),
      { seed: 11 },
    );
  });
});

describe('retention', () => {
  const { asset } = createLaboratory();
  const source = (change = {}) => databaseFacts('shop', { createdAt: START - 100 * DAY, ...change });
  it.each([
    ['an old point', [point('a', 40 * DAY)], source(), 'ok'],
    ['nothing at all', [], source(), 'drift'],
    ['RDS that keeps a week', [point('a', 6 * DAY)], source({ backupRetentionDays: 7 }), 'drift'],
    ['a young database', [point('a', DAY)], source({ createdAt: START - 2 * DAY }), 'unknown'],
    ['points that were taken away', [point('a', DAY)], source(), 'drift'],
  ] as const)('%s', (_what, points, database, verdict) => {
    expect(retentionOf(asset, { ...facts(points), database }, START).verdict).toBe(verdict);
  });
});

describe('what only looks like a backup', () => {
  const { asset } = createLaboratory();
  const database = databaseFacts('shop', { createdAt: START - 90 * DAY });

  it('keeps no retention: a snapshot that is being made has no time yet, a failed one covers nothing', () => {
    const points = [
      point('being-made', START, { status: 'creating' }),
      point('failed', 80 * DAY, { status: 'failed' }),
    ];
    expect(retentionOf(asset, { ...facts(points), database }, START).verdict).toBe('drift');
    expect(longestGap(facts(points), START, 30 * DAY)).toBeNull();
  });

  it.each([
    ['old and new', [40, 1], 'ok'],
    ['none that is old enough', [20, 1], 'drift'],
    // Somebody switched the copying off two months ago.
    ['none that is new', [90, 60], 'drift'],
    ['none', [], 'drift'],
  ])('copies in another region: %s', (_name, ages, verdict) => {
    const copies = ages.map((age) => point(`copy-${age}`, age * DAY));
    const broken = point('broken', START, { status: 'creating' });
    expect(copiesOf([...copies, broken], 35 * DAY, 30 * DAY, START).verdict).toBe(verdict);
  });
});

describe('the price of a drill', () => {
  const drill = { class: 'db.t4g.medium', multiAz: false, storageGb: 20, ttl: 8 * HOUR, region: 'us-east-1' };
  it('is an upper bound, and says what it is made of', () => {
    expect(drillCost(drill)).toMatchObject({ usd: 0.55, why: '8.0 h of db.t4g.medium and 20 GB at most' });
    expect(drillCost({ ...drill, multiAz: true }).usd).toBeCloseTo(1.1, 1);
    expect(drillCost({ ...drill, region: 'eu-west-1' }).usd).toBeGreaterThan(0.55);
    expect(drillCost({ ...drill, ttl: 0 }).usd).toBeGreaterThan(0);
  });
  it('is not guessed', () => {
    expect(drillCost({ ...drill, class: 'db.x99.huge' })).toMatchObject({
      usd: null,
      why: expect.stringContaining('not in the table'),
    });
  });
});

describe('placement', () => {
  const { asset } = createLaboratory();
  const source = databaseFacts('shop');
  const outputs = { restoreSubnetGroup: 'iso', restoreSecurityGroupId: 'sg-1', backupVault: 'v' };
  const place = (target: object, change: object = {}) =>
    placementOf({
      asset: { ...asset, target: { ...asset.target, ...target } },
      source,
      point: point('p', 0),
      outputs,
      ...change,
    });

  it("is the stack's where the policy says nothing, never the source's network", () => {
    expect(place({})).toMatchObject({
      subnetGroup: 'iso',
      securityGroups: ['sg-1'],
      class: 'db.t4g.medium',
      multiAz: false,
      vault: 'v',
    });
    expect(() => place({}, { outputs: null })).toThrow(/target\.subnetGroup is missing/);
    expect(() => place({}, { outputs: { restoreSubnetGroup: 'iso' } })).toThrow(
      /target\.securityGroups is missing/,
    );
  });

  it.each([
    ['copy', 'shop-mysql8', { copyParameterGroup: 'shop-mysql8', parameterGroup: null }],
    ['copy', 'default.mysql8.0', { copyParameterGroup: null, parameterGroup: 'default.mysql8.0' }],
    ['source', 'shop-mysql8', { copyParameterGroup: null, parameterGroup: 'shop-mysql8' }],
    ['other', 'shop-mysql8', { copyParameterGroup: null, parameterGroup: 'other' }],
  ])('parameters: %s of %s', (parameterGroup, ofSource, expected) => {
    const model = databaseFacts('shop', { parameterGroup: ofSource });
    expect(place({ parameterGroup }, { source: model })).toMatchObject(expected);
  });

  it('of a source that is gone needs a class', () => {
    expect(() => place({}, { source: null })).toThrow(/class of its copy is not known/);
    expect(place({ class: 'db.t3.large' }, { source: null }).class).toBe('db.t3.large');
  });
});

describe('statuses', () => {
  it('known ones mean what RDS says, unknown ones are waited out', () => {
    const by = (meaning: string) => Object.keys(STATUSES).filter((status) => meaningOf(status) === meaning);
    expect(by('ready')).toEqual(['available', 'storage-optimization', 'storage-initialization']);
    expect(by('backup-bad')).toEqual([
      'inaccessible-encryption-credentials',
      'inaccessible-encryption-credentials-recoverable',
      'restore-error',
      'incompatible-restore',
      'failed',
    ]);
    expect(by('dead')).toEqual(
      expect.arrayContaining(['storage-full', 'insufficient-capacity', 'incompatible-network']),
    );
    expect(meaningOf('something-new')).toBe('wait');
  });
});

describe('what may be deleted', () => {
  const tags = {
    'roc:managed': 'restore-test',
    'roc:run': RUN,
    'roc:source': 'shop-prod',
    'roc:expires': new Date(START - 1).toISOString(),
  };
  const sweepFacts = { now: START, sources: ['shop-prod'], liveRuns: new Set<string>() };

  it('by the sweeper: only what every guard lets pass', () => {
    expect(objectionsToSweeping({ id: TEST_ID, tags }, sweepFacts)).toEqual([]);
  });

  it.each([
    ['tag', { tags: { ...tags, 'roc:managed': 'restore' } }, {}],
    ['tag', { tags: {} }, {}],
    ['name', { id: 'shop-copy' }, {}],
    ['name', { id: 'roc-v-20200101-000000-zzzzzz' }, {}],
    ['not-expired', { tags: { ...tags, 'roc:expires': new Date(START + 1).toISOString() } }, {}],
    ['not-expired', { tags: { ...tags, 'roc:expires': 'never' } }, {}],
    ['source', {}, { sources: [TEST_ID] }],
    ['live', {}, { liveRuns: new Set([RUN]) }],
  ])('guard %s objects by itself', (guard, change, more) => {
    expect(objectionsToSweeping({ id: TEST_ID, tags, ...change }, { ...sweepFacts, ...more })).toContain(
      guard,
    );
  });

  it('nothing untagged, whatever its name and the facts', () => {
    const anyTags = fc.dictionary(
      fc.constantFrom('roc:run', 'roc:expires', 'roc:source', 'Name', 'env'),
      fc.constantFrom(RUN, 'restore-test', '1970-01-01', 'prod'),
    );
    fc.assert(
      fc.property(fc.constantFrom(TEST_ID, 'shop-prod', 'roc-v-x'), anyTags, (id, some) => {
        expect(objectionsToSweeping({ id, tags: some }, { ...sweepFacts, sources: [] })).toContain('tag');
        expect(objectionsToCleaning({ id, tags: some }, RUN, [])).not.toEqual([]);
      }),
      { seed: 3 },
    );
    expect(SWEEP_GUARDS.map(({ id }) => id)).toEqual(['tag', 'name', 'not-expired', 'source', 'live']);
  });

  it.each([
    [{ id: 'shop-prod' }, [], /its id is not/],
    [{ tags: {} }, [], /no tag roc:managed/],
    [{ tags: { ...tags, 'roc:run': 'another' } }, [], /roc:run is not/],
    [{}, [TEST_ID], /names it as a source/],
  ])('by its run: never %j', (change, sources, objection) => {
    expect(objectionsToCleaning({ id: TEST_ID, tags, ...change }, RUN, sources).join()).toMatch(objection);
    expect(objectionsToCleaning({ id: TEST_ID, tags }, RUN, [])).toEqual([]);
  });
});
