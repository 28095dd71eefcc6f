/** Rules of a policy that no single key can hold: contradictions are refused, each with its way out. */
import { formatDuration } from '../kernel/time.js';
import type { Asset, RdsAsset, S3Asset } from './model.js';

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Context {
  addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void;
}

export function checkAssets(
  policy: { assets: readonly Asset[]; policy: PolicyHead },
  context: Context,
): void {
  const problems = [...headProblems(policy.policy), ...repeatedIds(policy.assets)];
  policy.assets.forEach((asset, index) => {
    for (const problem of assetProblems(asset))
      problems.push({ ...problem, path: ['assets', index, ...problem.path] });
  });
  for (const { path, message } of problems) context.addIssue({ code: 'custom', path: [...path], message });
}

interface PolicyHead {
  readonly approvedBy?: string | undefined;
  readonly approvedOn?: string | undefined;
  readonly reviewBy?: string | undefined;
}

function headProblems({ approvedBy, approvedOn, reviewBy }: PolicyHead): Problem[] {
  const problems: Problem[] = [];
  if (approvedOn !== undefined && approvedBy === undefined)
    problems.push({
      path: ['policy', 'approvedOn'],
      message: 'has no approver: name approvedBy, or leave both out',
    });
  if (approvedOn !== undefined && reviewBy !== undefined && reviewBy <= approvedOn)
    problems.push({ path: ['policy', 'reviewBy'], message: `must be later than approvedOn (${approvedOn})` });
  return problems;
}

function repeatedIds(assets: readonly Asset[]): Problem[] {
  return assets.flatMap(({ id }, index) =>
    assets.findIndex((other) => other.id === id) === index
      ? []
      : [{ path: ['assets', index, 'id'], message: `two assets are named ${id}: give each its own id` }],
  );
}

function assetProblems(asset: Asset): Problem[] {
  if (asset.type === 'rds-mysql') return [...retentionProblems(asset), ...rdsProblems(asset)];
  return asset.type === 's3' ? [...retentionProblems(asset), ...s3Problems(asset)] : [];
}

function retentionProblems({ rpo, retention, testEvery }: RdsAsset | S3Asset): Problem[] {
  const problems: Problem[] = [];
  if (retention.min < rpo)
    problems.push({
      path: ['retention', 'min'],
      message: `${formatDuration(retention.min)} is less than the RPO of ${formatDuration(rpo)}: no point would be left to meet it; raise retention.min or lower rpo`,
    });
  if (testEvery > retention.min)
    problems.push({
      path: ['testEvery'],
      message: `every ${formatDuration(testEvery)} is rarer than points live (${formatDuration(retention.min)}): some would never be tested; test more often or keep them longer`,
    });
  return problems;
}

function rdsProblems({ rpo, rto, target, connect, checks }: RdsAsset): Problem[] {
  const problems: Problem[] = [];
  const add = (path: PropertyKey[], message: string) => problems.push({ path, message });
  if (target.ttl < rto)
    add(
      ['target', 'ttl'],
      `${formatDuration(target.ttl)} is less than the RTO of ${formatDuration(rto)}: the sweeper would take the copy away before a restore that is just in time is proved; raise ttl`,
    );
  if (connect.auth === 'iam' && connect.user === undefined)
    add(['connect', 'user'], 'auth iam signs in as a user of the data: name it, or use auth password');
  if (connect.auth === 'password' && connect.user !== undefined)
    add(['connect', 'user'], 'auth password signs in as the master user: leave user out, or use auth iam');
  if (connect.via === 'direct' && connect.instance !== undefined)
    add(['connect', 'instance'], 'via direct goes through no instance: leave it out, or use via ssm-tunnel');
  if (target.fallbackClass !== undefined && target.fallbackClass === target.class)
    add(['target', 'fallbackClass'], 'is the same as class: name another');
  if (checks.heartbeat !== undefined && checks.heartbeat.maxLag > rpo)
    add(
      ['checks', 'heartbeat', 'maxLag'],
      `${formatDuration(checks.heartbeat.maxLag)} is more than the RPO of ${formatDuration(rpo)}: lower maxLag or raise rpo`,
    );
  return [...problems, ...tableProblems(checks.tables), ...sqlProblems(checks.sql)];
}

function tableProblems(tables: RdsAsset['checks']['tables']): Problem[] {
  const lists = {
    exact: tables.exact,
    appendOnly: tables.appendOnly,
    mutable: tables.mutable,
    sampled: tables.sampled,
  };
  const where = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [list, names] of [
    ...Object.entries(lists),
    ['exclude', tables.exclude.map((entry) => entry.name)] as const,
  ]) {
    for (const name of names) {
      const former = where.get(name);
      if (former !== undefined)
        problems.push({
          path: ['checks', 'tables', list],
          message: `${name} is in ${former} too: keep it in one list`,
        });
      where.set(name, list);
    }
  }
  for (const name of tables.critical)
    if (where.get(name) === 'exclude')
      problems.push({
        path: ['checks', 'tables', 'critical'],
        message: `${name} is excluded: a critical table must be checked`,
      });
  return problems;
}

function sqlProblems(sql: RdsAsset['checks']['sql']): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  sql.forEach(({ id, query }, index) => {
    if (seen.has(id))
      problems.push({ path: ['checks', 'sql', index, 'id'], message: `two queries are named ${id}` });
    seen.add(id);
    if (!/^\s*(select|with|check\s+table)\b/i.test(query))
      problems.push({
        path: ['checks', 'sql', index, 'query'],
        message: 'must be a SELECT: a check changes nothing',
      });
  });
  return problems;
}

function s3Problems({ bucket, replica, checks }: S3Asset): Problem[] {
  const problems: Problem[] = [];
  if (bucket !== undefined && replica?.bucket === bucket)
    problems.push({ path: ['replica', 'bucket'], message: 'is the bucket itself: name its copy' });
  if (bucket !== undefined && checks.restoreTo === bucket)
    problems.push({
      path: ['checks', 'restoreTo'],
      message: 'is the bucket itself: a sample is restored to another',
    });
  return problems;
}
