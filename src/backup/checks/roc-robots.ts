/** Some robots of the restored database, drawn by the run's seed: fetched, opened with their data keys, hashed. */
import { createHash } from 'node:crypto';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRocError, RocError } from '../../kernel/errors.js';
import { decryptChunks } from '../../protocol/package/chunks.js';
import { packageContext } from '../../protocol/package/context.js';
import type { RdsAsset } from '../model.js';
import { text } from '../mysql/catalog.js';
import { quoteName } from '../mysql/identifier.js';
import type { SqlRow } from '../ports.js';
import type { CheckContext, Outcome } from './context.js';
import type { RocPackages } from './roc.js';
import { drawChunks } from './sampling.js';

type RocPolicy = NonNullable<RdsAsset['checks']['roc']>;

export async function checkRobots(
  context: CheckContext,
  { database, robots: wanted }: RocPolicy,
  data: RocPackages | null,
): Promise<Outcome> {
  const { sessions, input } = context;
  const expected = `${wanted} robots open with their keys and have their digests`;
  if (!context.databases.includes(database))
    return { verdict: 'inconclusive', expected, actual: `no database ${database} in the copy` };
  if (data === null)
    return {
      verdict: 'inconclusive',
      expected,
      actual: 'where robots are stored and their keys unwrapped is not known',
    };
  const total = await sessions.use((sql) => countVersions(sql, database));
  if (total === 0) return { verdict: 'inconclusive', expected, actual: 'no robot was published yet' };
  const drawn = drawChunks(input.seed, 'robot_version', total, wanted);
  const outcomes: { robot: string; sha256: string; fault: string | null }[] = [];
  for (const index of drawn) {
    input.signal.throwIfAborted();
    const row = await sessions.use((sql) => versionAt(sql, database, index));
    const robot = `${text(row, 'project')}/${text(row, 'robot')}@${text(row, 'version')}`;
    outcomes.push({ robot, sha256: text(row, 'sha256'), fault: await faultOf(data, row) });
  }
  const faults = outcomes.filter(({ fault }) => fault !== null);
  return {
    verdict: faults.length === 0 ? 'pass' : 'fail',
    expected,
    actual:
      faults.length === 0
        ? `${outcomes.length} of ${total} opened, each with its digest`
        : faults.map(({ robot, fault }) => `${robot}: ${fault}`).join('; '),
    details: { robots: outcomes, total },
  };
}

async function faultOf(data: RocPackages, row: SqlRow): Promise<string | null> {
  const context = packageContext({
    tenant: text(row, 'tenant'),
    project: text(row, 'project'),
    robot: text(row, 'robot'),
    version: text(row, 'version'),
  });
  try {
    const key = await data.unwrap(text(row, 'wrapped'), { ...context });
    const blob = await data.readBlob(text(row, 'blob_key'));
    const { sha256, size } = await hashOf(blob, decryptChunks(key, context));
    if (sha256 !== text(row, 'sha256')) return `opened, but with SHA-256 ${sha256.slice(0, 12)}…`;
    return size === Number(row['size']) ? null : `opened, but with ${size} bytes`;
  } catch (error) {
    // Not reached is not the same as damaged: only what is certain is a fault.
    if (isRocError(error) && error.code === 'ROC_BLOB_CORRUPT') return error.message;
    throw error;
  }
}

async function hashOf(blob: Readable, decrypt: Transform): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(blob, decrypt, async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      hash.update(piece);
      size += piece.length;
    }
  });
  return { sha256: hash.digest('hex'), size };
}

type Sql = Parameters<Parameters<CheckContext['sessions']['use']>[0]>[0];

async function countVersions(sql: Sql, database: string): Promise<number> {
  const [row] = await sql.query(`SELECT COUNT(*) AS n FROM ${quoteName(database)}.robot_version`);
  return Number(row?.['n'] ?? 0);
}

async function versionAt(sql: Sql, database: string, index: number): Promise<SqlRow> {
  const db = quoteName(database);
  const [row] = await sql.query(
    `SELECT v.tenant_id AS tenant, p.name AS project, r.name AS robot, v.version AS version, v.blob_key AS blob_key,
            v.wrapped_key AS wrapped, v.sha256 AS sha256, v.size_bytes AS size
       FROM ${db}.robot_version v JOIN ${db}.robot r ON r.id = v.robot_id JOIN ${db}.project p ON p.id = r.project_id
      ORDER BY v.id LIMIT 1 OFFSET ${index}`,
  );
  if (row !== undefined) return row;
  throw new RocError('ROC_CHECK_FAILED', 'a robot version of the copy has no robot or project', {
    hint: 'The restored database does not hold together; restore another point.',
  });
}
