import { describe, expect, test } from 'vitest';
import { checkStack } from '../../../src/stack/check/check-stack.js';
import { loadStackPolicy } from '../../../src/stack/load-policy.js';
import { projectPath } from '../../helpers/project.js';
import { configOf, factsOf, NOW, PROFILE_NAMES, VERSION } from '../samples.js';

const policy = await loadStackPolicy(projectPath('.'), undefined);

describe('the shipped stack under the shipped policy', () => {
  test.each(PROFILE_NAMES)('%s has no open finding', async (profile) => {
    const request = { config: configOf(profile), facts: factsOf(), version: VERSION };
    const report = await checkStack(request, { policy, now: NOW });
    const open = report.findings.filter((finding) => !finding.waived);
    expect(open.map(({ id, resource }) => `${id} ${resource}`)).toEqual([]);
    expect(report.waived).toBeGreaterThan(5);
  });
});
