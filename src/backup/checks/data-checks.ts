/** The checks of a restored database in the order in which they say most: security, schema, freshness, then content. */
import { RocError } from '../../kernel/errors.js';
import type { CheckInput, DataChecks } from '../check-input.js';
import { readManifest } from '../manifest/file.js';
import type { RdsAsset } from '../model.js';
import { listDatabases, readTables, type Table } from '../mysql/catalog.js';
import { openSessions } from '../mysql/sessions.js';
import type { CheckResult, PlannedCheck, Verdict } from '../results.js';
import { assertionChecks } from './assertions.js';
import type { Check, CheckContext } from './context.js';
import { checkForeignKeys } from './foreign-keys.js';
import { checkHeartbeat } from './heartbeat.js';
import { count, counted } from './judge-table.js';
import { type RocData, rocChecks } from './roc.js';
import { runCheck } from './run-check.js';
import { checkSchema } from './schema.js';
import { securityChecks } from './security.js';
import { tableChecks } from './tables.js';

export interface DataCheckDeps {
  /** Asked only where the policy says that the database is roc's own. */
  readonly roc: ((asset: RdsAsset) => Promise<RocData>) | null;
}

export function createDataChecks(deps: DataCheckDeps): DataChecks {
  return {
    planned,
    async *run(input) {
      const { connections } = input.asset.checks.tables;
      const sessions = openSessions(input.connector, connections);
      try {
        yield* skipDone(input, securityChecks(input));
        const context = await gather(input, sessions);
        yield* runAll(context, deps);
      } finally {
        await sessions.close();
      }
    },
  };
}

/** What a whole run must have; `tables` sums up a check a table, whose names only the manifest and the copy know. */
function planned(asset: RdsAsset): PlannedCheck[] {
  const { checks } = asset;
  const critical = (id: string): PlannedCheck => ({ id, critical: true });
  const other = (id: string): PlannedCheck => ({ id, critical: false });
  return [
    critical('security:tls-identity'),
    ...checks.security.map((name) => critical(`security:${name}`)),
    ...(checks.schema === 'exact' ? [critical('schema')] : []),
    ...(checks.heartbeat === undefined ? [] : [critical('heartbeat')]),
    ...checks.sql.map(({ id, critical }) => ({ id: `sql:${id}`, critical })),
    ...(checks.tables.critical.length > 0 ? [critical('tables:critical')] : []),
    ...(checks.roc?.auditChain ? [other('roc:audit-chain')] : []),
    ...(checks.roc !== undefined && checks.roc.robots > 0 ? [other('roc:robots')] : []),
    other('foreign-keys'),
    other('tables'),
  ];
}

async function gather(input: CheckInput, sessions: CheckContext['sessions']): Promise<CheckContext> {
  const { manifest: head, asset } = input;
  const manifest = head === null ? null : await readManifest(head.file, head.sha256);
  const present = await sessions.use(listDatabases);
  const wanted = asset.checks.databases.length > 0 ? asset.checks.databases : present;
  const databases = wanted.filter((name) => present.includes(name));
  const [absent] = wanted.filter((name) => !present.includes(name));
  if (absent !== undefined)
    throw new RocError('ROC_CHECK_FAILED', `the restored copy has no database ${absent}`, {
      hint: 'It was lost, or checks.databases of the policy names another.',
    });
  const tables: Table[] = [];
  for (const name of databases) tables.push(...(await sessions.use((sql) => readTables(sql, name))));
  return { input, sessions, manifest, tables, databases };
}

async function* runAll(context: CheckContext, deps: DataCheckDeps): AsyncGenerator<CheckResult> {
  const { input } = context;
  const { checks } = input.asset;
  const assertions = assertionChecks(context);
  const tables = tableChecks(context);
  const isCritical = ({ critical }: Check) => critical;
  const isOther = ({ critical }: Check) => !critical;
  const first: Check[] = [
    ...(checks.schema === 'exact' ? [{ id: 'schema', critical: true, run: () => checkSchema(context) }] : []),
    ...(checks.heartbeat === undefined
      ? []
      : [{ id: 'heartbeat', critical: true, run: () => checkHeartbeat(context) }]),
    ...assertions.filter(isCritical),
  ];
  const last: Check[] = [
    ...assertions.filter(isOther),
    ...rocChecks(context, deps.roc),
    { id: 'foreign-keys', critical: false, run: () => checkForeignKeys(context) },
  ];
  yield* skipDone(input, first);
  if (checks.tables.critical.length > 0)
    yield* runTables(input, 'tables:critical', tables.filter(isCritical));
  yield* skipDone(input, last);
  yield* runTables(input, 'tables', checks.tables.critical.length > 0 ? tables.filter(isOther) : tables);
}

async function* skipDone(input: CheckInput, checks: readonly Check[]): AsyncGenerator<CheckResult> {
  for (const check of checks) if (!input.done.has(check.id)) yield await runCheck(check, input);
}

async function* runTables(
  input: CheckInput,
  id: string,
  tables: readonly Check[],
): AsyncGenerator<CheckResult> {
  if (input.done.has(id)) return;
  const verdicts: Verdict[] = [];
  let seconds = 0;
  for await (const result of skipDone(input, tables)) {
    verdicts.push(result.verdict);
    seconds += result.seconds;
    yield result;
  }
  const before = tables.length - verdicts.length;
  const of = (verdict: Verdict) => verdicts.filter((candidate) => candidate === verdict).length;
  yield {
    id,
    critical: id === 'tables:critical',
    verdict: tables.length === 0 ? 'inconclusive' : worst(verdicts),
    expected:
      tables.length === 0 ? 'at least one table' : `${counted(tables.length, 'table')} as the manifest says`,
    actual: `${count(of('pass'))} as expected, ${count(of('fail'))} not, ${count(of('inconclusive'))} unknown${before > 0 ? `, ${before} judged before the run was resumed` : ''}`,
    seconds,
  };
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('fail') ? 'fail' : verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}
