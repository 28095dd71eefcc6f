/** What the policy forbids before a template is made: retention under its minimum, an engine without support. */
import { RocError } from '../../kernel/errors.js';
import type { StackSettings } from '../settings.js';
import type { StackPolicy } from './policy.js';

/**
 * @param now epoch milliseconds
 * @throws RocError ROC_CONFIG_INVALID with every fault and its way out
 */
export function refuseUnderPolicy(settings: StackSettings, policy: StackPolicy, now: number): void {
  const faults = [...underMinimum(settings, policy), ...endOfLife(settings, policy, now)];
  if (faults.length === 0) return;
  throw new RocError('ROC_CONFIG_INVALID', faults.join('; '), {
    hint: 'Correct the stack section of roc.yaml, or the policy of the stack where the policy is wrong.',
    details: { faults },
  });
}

function underMinimum({ env, db, backup, logDays }: StackSettings, { minimums }: StackPolicy): string[] {
  const least = minimums[env];
  const pairs: [string, number, number][] = [
    ['stack.db.retentionDays', db.retentionDays, least.dbRetentionDays],
    ['stack.backup.dailyDays', backup.dailyDays, least.backupDailyDays],
    ['stack.logs.retentionDays', logDays, least.logDays],
  ];
  return pairs
    .filter(([, value, minimum]) => value < minimum)
    .map(([name, value, minimum]) => `${name}: ${value} is under the policy's ${minimum} for ${env}`);
}

function endOfLife({ db }: StackSettings, { engines }: StackPolicy, now: number): string[] {
  const series = db.engineVersion.split('.').slice(0, 2).join('.');
  const known = engines.find((engine) => engine.series === series);
  const alive = engines
    .filter((engine) => Date.parse(engine.supportEnds) > now)
    .map((engine) => engine.series);
  const take = `take one of ${alive.join(', ')}`;
  if (known === undefined) return [`stack.db.engineVersion: MySQL ${series} is not in the policy: ${take}`];
  return Date.parse(known.supportEnds) > now
    ? []
    : [`stack.db.engineVersion: standard support of MySQL ${series} ended on ${known.supportEnds}: ${take}`];
}
