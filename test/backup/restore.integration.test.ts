/** `roc backup restore` and `list`: a copy that is kept, the cut-over by two renames, and the sweeper that leaves it alone. Fake RDS, real databases. */
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupList, RestoreResult, SweptThing } from '../../src/backup/answers.js';
import { type BackupWorld, SOURCE, startBackupWorld } from '../helpers/backup/backup-world.js';
import { describeWith } from '../helpers/parts.js';
import { until } from '../helpers/until.js';

describeWith(['mariadbd', 'openssl', 'aws', 'botocore'], 'backup restore (fake RDS, real databases)', () => {
  let world: BackupWorld;
  let snapshot: string;
  beforeAll(async () => {
    world = await startBackupWorld();
    snapshot = (await world.roc(['run', '--json'])).json<{ snapshot: string }>().snapshot;
  });
  afterAll(async () => {
    expect(world.proxy.problems).toEqual([]);
    await world.close();
  });
  const instance = async (id: string) => {
    const { DBInstances = [] } = await world.rdsThroughProxy.send(new DescribeDBInstancesCommand({}));
    return DBInstances.find((row) => row.DBInstanceIdentifier === id);
  };

  it('list: points of all kinds, the window, the manifest, gaps, retention and what is due', async () => {
    const list = (await world.roc(['list', '--json'])).json<BackupList>();
    const mine = list.items.find(({ id }) => id === snapshot);
    expect(mine).toMatchObject({
      asset: 'shop',
      kind: 'manual',
      encrypted: true,
      status: 'available',
      manifest: expect.any(String),
    });
    expect(list.assets).toEqual([
      expect.objectContaining({
        asset: 'shop',
        source: SOURCE,
        exists: true,
        window: { from: expect.any(String), to: expect.any(String) },
        rpo: { targetMs: 900_000, gaps: [] },
        lastProved: null,
        isDue: true,
      }),
    ]);
    const text = await world.roc(['list']);
    expect(text.stdout).toMatch(/no gap over the RPO of 15m[\s\S]*last proved: never, due/);
    expect((await world.roc(['list', '--runs', '--json'])).json()).toEqual({ items: [] });
  });

  it('refuses names that are taken, that are for copies, and the source itself', async () => {
    for (const [to, why] of [
      [SOURCE, /is the source itself/],
      ['roc-v-mine', /for copies that are taken away/],
      ['-x', /no name for an instance/],
    ] as const) {
      const result = await world.roc(['restore', '--point', snapshot, '--to', to]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(why);
    }
  });

  it("restores with the source's own placement, keeps it, and prints the cut-over", async () => {
    const result = await world.roc(['restore', '--point', snapshot, '--to', 'shop-new', '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json<RestoreResult>()).toMatchObject({
      instance: 'shop-new',
      endpoint: expect.stringMatching(/^shop-new\./),
      rto: { target: 120_000, available: expect.any(Number), cutOver: null },
      former: null,
      next: [
        `aws rds modify-db-instance --region us-east-1 --db-instance-identifier ${SOURCE} --new-db-instance-identifier ${SOURCE}-before-shop-new --apply-immediately`,
        `aws rds modify-db-instance --region us-east-1 --db-instance-identifier shop-new --new-db-instance-identifier ${SOURCE} --apply-immediately`,
      ],
    });
    expect(await instance('shop-new')).toMatchObject({
      DBSubnetGroup: { DBSubnetGroupName: 'production' },
      DBParameterGroups: [{ DBParameterGroupName: 'shop-mysql8' }],
      MultiAZ: true,
      BackupRetentionPeriod: 7,
      TagList: expect.arrayContaining([
        { Key: 'env', Value: 'prod' },
        { Key: 'roc:managed', Value: 'restore' },
      ]),
    });
    const [row] = await world.proxy
      .database('shop-new')
      .query<{ n: number }>('SELECT COUNT(*) AS n FROM shop.orders');
    expect(Number(row?.n)).toBe(5000);
  });

  it('the sweeper leaves it alone for ever', async () => {
    const { items } = (await world.roc(['sweep', '--yes', '--json'])).json<{ items: SweptThing[] }>();
    expect(items).toEqual([]);
    expect(await instance('shop-new')).toBeDefined();
  });

  it('a cut-over needs a yes', async () => {
    const result = await world.roc(['restore', '--point', snapshot, '--to', 'shop-new', '--cut-over']);
    expect(result.exitCode).toBe(4);
    expect(await instance(SOURCE)).toMatchObject({ TagList: [{ Key: 'env', Value: 'prod' }] });
  });

  it('killed between the two renames, run again: the copy has the name, the former database stays', async () => {
    const argv = ['restore', '--point', snapshot, '--to', 'shop-new', '--cut-over', '--yes', '--json'];
    const running = world.start(argv);
    await until('the first rename', () => world.proxy.changes.includes(`ModifyDBInstance ${SOURCE}`), {
      everyMs: 5,
    });
    running.child.kill('SIGKILL');
    await running.ended;
    const again = await world.roc(argv);
    expect(again.exitCode).toBe(0);
    expect(again.json<RestoreResult>()).toMatchObject({
      instance: SOURCE,
      rto: { cutOver: expect.any(Number) },
      point: { kind: 'manual', id: snapshot },
      former: `${SOURCE}-before-shop-new`,
      next: [expect.stringContaining('delete-db-instance')],
    });
    expect(await instance('shop-new')).toBeUndefined();
    expect((await instance(SOURCE))?.TagList).toContainEqual({ Key: 'roc:restored-as', Value: 'shop-new' });
    expect(await instance(`${SOURCE}-before-shop-new`)).toMatchObject({
      TagList: [{ Key: 'env', Value: 'prod' }],
    });
    // A third time there is nothing left to do.
    const before = world.proxy.changes.length;
    expect((await world.roc(argv)).exitCode).toBe(0);
    expect(world.proxy.changes).toHaveLength(before);
  });
});
