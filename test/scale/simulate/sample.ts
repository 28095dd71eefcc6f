/** A whole report of two synthetic series, hostile names among them. */
import { scalePolicySchema } from '../../../src/scale/model.js';
import { NO_FAULTS } from '../../../src/scale/simulate/fleet/faults.js';
import { FLEETS } from '../../../src/scale/simulate/fleet/model.js';
import { rocPolicy } from '../../../src/scale/simulate/roc-policy.js';
import { simulate } from '../../../src/scale/simulate/simulate.js';
import type { Simulated } from '../../../src/scale/simulate/simulate-files.js';
import { frontiers, suggest } from '../../../src/scale/simulate/tune/suggest.js';
import { BASELINE_TUNABLES, rocTunable } from '../../../src/scale/simulate/tune/tunables.js';
import { syntheticSeries } from './synthetic.js';

export const EVIL = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;

export function sampleReport(names: readonly string[] = ['web', EVIL]): Simulated {
  const policy = scalePolicySchema.parse({ version: 1 });
  const series = names.map((name, i) => syntheticSeries(name, i + 1, 2));
  const { simulation, pictures } = simulate({
    series,
    policies: [rocPolicy('roc', policy)],
    against: ['hpa60w60', 'tt50', 'static4', 'oracle'],
    fleet: FLEETS.small,
    capacity: undefined,
    faults: NO_FAULTS,
  });
  const workloads = pictures.map(({ workload }) => workload);
  const tunables = [rocTunable('roc', policy), ...BASELINE_TUNABLES];
  return {
    warnings: [],
    pictures,
    report: {
      policies: [{ name: 'roc', file: 'policies/scale.yaml', sha256: '0'.repeat(64) }],
      ...simulation,
      frontier: frontiers(workloads, tunables, FLEETS.small),
      suggestion: suggest(workloads, tunables, FLEETS.small, 0.5),
    },
  };
}
