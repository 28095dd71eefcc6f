/** What holds for every configuration: ids that never move, references that lead somewhere, limits of CloudFormation. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namedBy } from '../../../src/stack/order.js';
import { synthesise } from '../../../src/stack/synthesise.js';
import { configOf, factsOf, PROFILE_NAMES, synthesisFor, templateFor, VERSION } from '../samples.js';

describe('logical ids', () => {
  // A changed id is a replaced resource: a database, a bucket, a key.
  test.each(PROFILE_NAMES)('of %s stay as they are', async (profile) => {
    const { Resources } = await templateFor(profile);
    const ids = Object.entries(Resources).map(([id, { Type }]) => `${id} ${Type}`);
    expect(ids.sort().join('\n')).toMatchSnapshot();
  });
});

const config = fc.record({
  env: fc.constantFrom('prod', 'staging', 'dev'),
  compute: fc.constantFrom('ec2', 'ecs'),
  vpc: fc.record({
    cidr: fc.constantFrom('10.7.0.0/16', '172.20.0.0/18', '192.168.4.0/22', '100.64.0.0/17'),
  }),
  corporateCidrs: fc.uniqueArray(fc.constantFrom('203.0.113.0/24', '198.51.100.0/25', '10.200.0.0/16'), {
    minLength: 1,
  }),
  bastion: fc.record({ enabled: fc.boolean(), database: fc.boolean() }),
  ops: fc.record({ enabled: fc.boolean() }),
  waf: fc.record({ mode: fc.constantFrom('block', 'count'), blockFindings: fc.boolean() }),
  egress: fc.constantFrom(
    { mode: 'endpoints' },
    { mode: 'nat', domains: ['example.com'] },
    { mode: 'both', domains: ['*'] },
  ),
  app: fc.record({
    instanceType: fc.constantFrom('t3.small', 'm7i.large'),
    min: fc.integer({ min: 1, max: 4 }),
  }),
});

describe('every configuration', () => {
  test('gives a template whose references lead somewhere and whose doors are the company alone', async () => {
    const runs = process.env['ROC_TEST_SIZE'] === 'long' ? 200 : 15;
    await fc.assert(
      fc.asyncProperty(config, async (extra) => {
        const made = await synthesise({
          config: configOf('prod', extra),
          facts: factsOf(),
          version: VERSION,
        });
        const { Resources, Outputs } = made.blueprint.template;
        const ids = new Set(Object.keys(Resources));
        const named = [...namedBy(Resources), ...namedBy(Outputs)].filter(
          (id) => /^[A-Z]/.test(id) && !id.startsWith('AWS'),
        );
        // What is left out: pseudo parameters, and the lower-case variables that a Fn::Sub brings along.
        expect(named.filter((id) => !ids.has(id))).toEqual([]);
        const text = JSON.stringify(Resources['BalancerGroup']);
        for (const cidr of extra.corporateCidrs) expect(text).toContain(cidr);
        expect(
          JSON.stringify(
            Object.values(Resources).flatMap((one) => one.Properties?.['SecurityGroupIngress'] ?? []),
          ),
        ).not.toContain('"0.0.0.0/0"');
        expect(ids.size).toBeLessThan(500);
        expect(made.bytes).toBeLessThan(1_000_000);
        for (const [id, resource] of Object.entries(Resources))
          if (resource.Type === 'AWS::IAM::ManagedPolicy')
            expect(JSON.stringify(resource.Properties?.['PolicyDocument']).length, id).toBeLessThan(6_144);
      }),
      { numRuns: runs },
    );
  }, 120_000);

  test('names what it needs before it names itself', async () => {
    for (const profile of PROFILE_NAMES) {
      const { Resources } = (await synthesisFor(profile)).blueprint.template;
      const seen = new Set<string>();
      for (const [id, resource] of Object.entries(Resources)) {
        for (const needed of namedBy(resource))
          if (needed in Resources && needed !== id) expect(seen, `${id} before ${needed}`).toContain(needed);
        seen.add(id);
      }
    }
  });
});
