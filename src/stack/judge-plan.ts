/** Cost and posture of a plan: of the template, and the difference to what is deployed. */

import { join } from 'node:path';
import { readPolicyFile } from '../kernel/policy-file.js';
import { judgeTemplate } from './check/check-stack.js';
import { refuseUnderPolicy } from './check/limits.js';
import type { StackPolicy } from './check/policy.js';
import { estimateCost } from './cost/estimate.js';
import { type PriceTable, priceTableSchema } from './cost/prices.js';
import { loadStackPolicy } from './load-policy.js';
import type { Judgement, PlanRequest } from './plan.js';
import type { StackSettings } from './settings.js';

export interface JudgeOptions {
  readonly settings: StackSettings;
  readonly policy: StackPolicy;
  readonly prices: PriceTable;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function planJudge({ settings, policy, prices, region, now }: JudgeOptions): PlanRequest['judge'] {
  return async (after, before): Promise<Judgement> => {
    refuseUnderPolicy(settings, policy, now);
    const { monthlyUsd, asOf, unpriced } = estimateCost(after, region, prices);
    const deployed = before === null ? 0 : estimateCost(before, region, prices).monthlyUsd;
    const { findings } = judgeTemplate({ template: after, settings }, { policy, now });
    return {
      cost:
        asOf === null
          ? null
          : { monthlyUsd, deltaUsd: Math.round((monthlyUsd - deployed) * 100) / 100, asOf, unpriced },
      posture: findings.map(({ waiver: _waiver, ...finding }) => finding),
    };
  };
}

/** The shipped policy and prices. */
export async function loadJudgement(packageRoot: string): Promise<Pick<JudgeOptions, 'policy' | 'prices'>> {
  const [policy, prices] = await Promise.all([
    loadStackPolicy(packageRoot, undefined),
    loadPrices(packageRoot, undefined),
  ]);
  return { policy, prices };
}

/** @param file the user's table; undefined means the shipped one */
export async function loadPrices(packageRoot: string, file: string | undefined): Promise<PriceTable> {
  const path = file ?? join(packageRoot, 'policies', 'prices.yaml');
  return (await readPolicyFile(path, priceTableSchema)).policy;
}
