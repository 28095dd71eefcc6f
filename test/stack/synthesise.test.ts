import { describe, expect, test } from 'vitest';
import { unknownFacts } from '../../src/stack/facts.js';
import { stackConfigSchema } from '../../src/stack/model.js';
import { synthesise } from '../../src/stack/synthesise.js';

const config = stackConfigSchema.parse({
  corporateCidrs: ['203.0.113.0/24'],
  domain: { name: 'roc.example.com', zoneId: 'Z0123456789' },
});

describe('synthesise', () => {
  test('gives the same bytes for the same configuration and facts', async () => {
    const request = { config, facts: unknownFacts('eu-west-1'), version: '1.2.3' };
    const [one, two] = [await synthesise(request), await synthesise(request)];
    expect(two.body).toBe(one.body);
    expect(one.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(one.bytes).toBe(Buffer.byteLength(one.body));
    expect(one.blueprint.stackName).toBe('roc-prod');
  });
});
