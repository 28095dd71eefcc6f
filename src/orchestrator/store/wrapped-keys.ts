/** Every data key that the database holds, with the context it is bound to: what moves when the master key does. */
import { packageContext } from '../../protocol/package/context.js';
import { assetContext } from '../assets/asset-crypto.js';
import { factorContext } from '../auth/second-factor.js';
import { evidenceContext } from '../evidence/evidence-blobs.js';
import type { EncryptionContext } from '../kms/kms.js';
import { partsOfSlot } from './assets.js';
import type { Reader } from './store.js';

export interface WrappedKey {
  readonly table: 'robot_version' | 'evidence' | 'asset' | 'second_factor';
  readonly id: string;
  readonly wrapped: string;
  readonly context: EncryptionContext;
}

const BATCH = 200;

export async function* readWrappedKeys(reader: Reader): AsyncGenerator<WrappedKey, void, undefined> {
  yield* inBatches((after) => versionKeys(reader, after));
  yield* inBatches((after) => evidenceKeys(reader, after));
  yield* inBatches((after) => assetKeys(reader, after));
  yield* inBatches((after) => factorKeys(reader, after));
}

/** One of each kind that there is. */
export async function sampleWrappedKeys(reader: Reader): Promise<WrappedKey[]> {
  const samples = [versionKeys, evidenceKeys, assetKeys, factorKeys].map(async (read) =>
    (await read(reader, '')).slice(0, 1),
  );
  return (await Promise.all(samples)).flat();
}

/** False where it changed meanwhile: then whoever changed it wrapped it anew. */
export async function replaceWrappedKey(
  { db }: Reader,
  { table, id, wrapped }: Pick<WrappedKey, 'table' | 'id' | 'wrapped'>,
  by: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable(table)
    .set({ wrapped_key: by })
    .where(table === 'second_factor' ? 'user_id' : 'id', '=', id)
    .where('wrapped_key', '=', wrapped)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

async function* inBatches(
  read: (after: string) => Promise<WrappedKey[]>,
): AsyncGenerator<WrappedKey, void, undefined> {
  for (let after = ''; ; ) {
    const rows = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.id;
  }
}

async function factorKeys({ db }: Reader, after: string): Promise<WrappedKey[]> {
  const rows = await db
    .selectFrom('second_factor')
    .select(['user_id', 'wrapped_key'])
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(BATCH)
    .execute();
  return rows.map(({ user_id, wrapped_key }) => ({
    ...{ table: 'second_factor' as const, id: user_id, wrapped: wrapped_key },
    context: factorContext(user_id),
  }));
}

async function versionKeys({ db }: Reader, after: string): Promise<WrappedKey[]> {
  const rows = await db
    .selectFrom('robot_version')
    .innerJoin('robot', 'robot.id', 'robot_version.robot_id')
    .innerJoin('project', 'project.id', 'robot.project_id')
    .select([
      'robot_version.id',
      'robot_version.tenant_id',
      'robot_version.version',
      'robot_version.wrapped_key',
    ])
    .select(['robot.name as robot', 'project.name as project'])
    .where('robot_version.id', '>', after)
    .orderBy('robot_version.id')
    .limit(BATCH)
    .execute();
  return rows.map(({ id, tenant_id, version, wrapped_key, robot, project }) => ({
    ...{ table: 'robot_version' as const, id, wrapped: wrapped_key },
    context: { ...packageContext({ tenant: tenant_id, project, robot, version }) },
  }));
}

async function evidenceKeys({ db }: Reader, after: string): Promise<WrappedKey[]> {
  const rows = await db
    .selectFrom('evidence')
    .select(['id', 'tenant_id', 'wrapped_key'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  return rows.map(({ id, tenant_id, wrapped_key }) => ({
    ...{ table: 'evidence' as const, id, wrapped: wrapped_key },
    context: evidenceContext(tenant_id, id),
  }));
}

async function assetKeys({ db }: Reader, after: string): Promise<WrappedKey[]> {
  const rows = await db
    .selectFrom('asset')
    .select(['id', 'tenant_id', 'name', 'wrapped_key'])
    .where('id', '>', after)
    .where('wrapped_key', 'is not', null)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  return rows.map(({ id, tenant_id, name, wrapped_key }) => ({
    ...{ table: 'asset' as const, id, wrapped: wrapped_key ?? '' },
    context: assetContext(tenant_id, id, partsOfSlot(name).environment),
  }));
}
