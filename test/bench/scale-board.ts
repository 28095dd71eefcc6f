/** The scoreboard of scaling: every family at the same sixteen targets on the same series, in one run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { scalePolicySchema } from '../../src/scale/model.js';
import type { ScalePolicy } from '../../src/scale/policy/policy.js';
import { FLEETS, type FleetModel, toWorkload } from '../../src/scale/simulate/fleet/model.js';
import { readCsv } from '../../src/scale/simulate/series/csv.js';
import { type Series, toSeries } from '../../src/scale/simulate/series/series.js';
import { BASELINE_FAMILIES, type Family } from '../../src/scale/simulate/tune/families.js';
import { rocFamily } from '../../src/scale/simulate/tune/roc-family.js';
import { type Course, type SweptPoint, sweep, toCourse } from '../../src/scale/simulate/tune/sweep.js';
import { projectPath } from '../helpers/project.js';
import { sharedMetrics } from '../helpers/shared-data.js';
import { syntheticSeries } from '../scale/simulate/synthetic.js';

export interface Board {
  readonly source: string;
  readonly fleet: FleetModel;
  readonly courses: readonly Course[];
  readonly swept: ReadonlyMap<string, readonly SweptPoint[]>;
}

/** @param families all of them by default, roc's shipped policy last */
export function scoreboard(
  families: readonly Family[] = [...BASELINE_FAMILIES, rocFamily('roc', shippedPolicy())],
): Board {
  const fleet = FLEETS.small;
  const { source, series } = boardSeries();
  const courses = series.map((one) => toCourse(toWorkload(one, fleet), fleet));
  const swept = new Map(families.map((family) => [family.name, sweep(family, courses, fleet)] as const));
  return { source, fleet, courses, swept };
}

/** The cheapest target of the sweep within the budget. */
export function choice(board: Board, family: string, budget: number): SweptPoint | undefined {
  const within = (board.swept.get(family) ?? []).filter(({ avoidablePct }) => avoidablePct <= budget);
  return within.sort((a, b) => a.instanceHoursPerDay - b.instanceHoursPerDay)[0];
}

function boardSeries(): { readonly source: string; readonly series: readonly Series[] } {
  const real = sharedMetrics();
  if (real === null)
    return {
      source: 'synthetic series',
      series: [1, 2, 3, 4].map((seed) => syntheticSeries(`synthetic-${seed}`, seed, 21)),
    };
  const files = readdirSync(real).filter((file) => file.endsWith('.csv'));
  const all = files.sort().map((file) => realSeries(join(real, file), file));
  // What would be guessed for more than a fifth is refused by the command too.
  return { source: 'real series', series: all.filter(({ facts }) => facts.imputedPct <= 20) };
}

/** policies/scale.yaml. ROC_SCALE_SET changes keys of it for a trial: `scaleIn.window=45m forecast.mode=trend`. */
export function shippedPolicy(changes = process.env['ROC_SCALE_SET'] ?? ''): ScalePolicy {
  const document = parse(readFileSync(projectPath('policies/scale.yaml'), 'utf8')) as Record<string, unknown>;
  for (const change of changes.split(/\s+/).filter((text) => text !== '')) {
    const [path = '', value = ''] = change.split('=');
    const keys = path.split('.');
    let at = document;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[keys.at(-1) ?? ''] = parse(value);
  }
  return scalePolicySchema.parse(document);
}

function realSeries(path: string, file: string): Series {
  const points = readCsv(readFileSync(path, 'utf8'), { name: file, column: undefined });
  return toSeries(file.replace(/\.csv$/, ''), points, { zerosAreMissing: false });
}
