import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNetwork, overlaps, parseNetwork, subnetOf } from '../../src/stack/cidr.js';
import { stackConfigSchema } from '../../src/stack/model.js';
import { settle } from '../../src/stack/settings.js';

const office = {
  corporateCidrs: ['203.0.113.0/24'],
  domain: { name: 'roc.example.com', zoneId: 'Z0123456789' },
};

function problems(config: object): string {
  const result = stackConfigSchema.safeParse({ ...office, ...config });
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}

describe('the stack section', () => {
  test('needs no more than the networks of the company', () => {
    expect(problems({})).toBe('');
    expect(problems({ corporateCidrs: [] })).toContain('nobody could reach the balancer');
    expect(problems({ corporateCidrs: [], exposure: 'public' })).toBe('');
  });

  test.each([
    [{ corporateCidrs: ['0.0.0.0/0'] }, 'corporateCidrs.0: 0.0.0.0/0 is everybody'],
    [{ corporateCidrs: ['128.0.0.0/1'] }, 'corporateCidrs.0: 128.0.0.0/1 is everybody'],
    [{ corporateCidrs: ['203.0.113.7/24'] }, 'expected a network such as'],
    [
      { corporateCidrs: ['203.0.113.0/24', '203.0.113.128/25'] },
      'overlaps 203.0.113.0/24: keep the wider one',
    ],
    [{ corporateCidrs: ['10.40.7.0/24'] }, 'overlaps vpc.cidr 10.40.0.0/16'],
    [{ vpc: { cidr: '10.0.0.0/8' } }, 'expected /16 to /22'],
    [{ vpc: { cidr: '54.12.0.0/16' } }, 'expected a private network'],
    [{ vpc: { connected: ['10.40.0.0/20'] } }, 'routes between them would be ambiguous'],
    [
      { egress: { needs: ['oidc'] } },
      'egress.needs.0: oidc (sign-in at an identity provider outside AWS) needs',
    ],
    [{ egress: { mode: 'nat' } }, 'NAT without a domain'],
    [{ egress: { domains: ['example.com'] } }, 'no way leads there'],
    [{ app: { min: 4, max: 2 } }, '2 is less than app.min 4'],
    [{ compute: 'ecs', exposure: 'public' }, 'compute: ecs is internal'],
    [{ bastion: { egress: [{ cidr: '0.0.0.0/0', why: 'all of it' }] } }, 'is everywhere'],
    [{ db: { engineVersion: '8.4' } }, 'expected a full version'],
    [{ app: { instanceType: 'm7g.large' } }, 'ops.instanceType: t3.small cannot run the image'],
    [{ domain: undefined }, 'domain: HTTPS needs a name'],
    [{ account: 'abc' }, 'expected the 12 digits'],
    [{ bogus: true }, 'Unrecognized key'],
  ])('refuses %j', (config, message) => {
    expect(problems(config)).toContain(message);
  });

  test('the environment fills in what was left out', () => {
    const prod = settle(stackConfigSchema.parse(office), '1.0.0');
    expect(prod.db).toMatchObject({ instanceClass: 'db.m5.2xlarge', multiAz: true, retentionDays: 35 });
    expect(prod.app).toMatchObject({ instanceType: 't3.small', min: 2, version: '1.0.0' });
    const dev = settle(stackConfigSchema.parse({ ...office, env: 'dev', app: { min: 5 } }), '1.0.0');
    expect(dev.app).toMatchObject({ min: 5, max: 5 });
    const ecs = settle(stackConfigSchema.parse({ ...office, compute: 'ecs' }), '1.0.0');
    expect(ecs).toMatchObject({ exposure: 'internal', bastion: { database: false } });
  });
});

describe('networks', () => {
  test('are written as they were read', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }), (address, bits) => {
        const size = 2 ** (32 - bits);
        const text = formatNetwork({ first: Math.floor(address / size) * size, bits });
        expect(formatNetwork(parseNetwork(text)!)).toBe(text);
      }),
    );
  });

  test('of one division never meet', () => {
    const vpc = parseNetwork('10.40.0.0/16')!;
    const parts = Array.from({ length: 16 }, (_, index) => subnetOf(vpc, 20, index));
    for (const [i, a] of parts.entries())
      for (const [j, b] of parts.entries()) expect(overlaps(a, b)).toBe(i === j);
  });

  test.each(['10.0.0.0/33', '256.0.0.0/8', '10.0.0.1/8', '::/0', '10.0.0.0'])('refuses %s', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});
