/** What a stack's configuration may not say together: networks that meet, ways that lead nowhere, doors for everybody. */
import { architectureOf } from './architecture.js';
import { contains, type Network, overlaps, parseNetwork } from './cidr.js';
import { INTERNET_FEATURES, type StackConfig } from './config-shape.js';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']
  .map(parseNetwork)
  .filter((network) => network !== null);

export interface Contradiction {
  readonly path: string[];
  readonly message: string;
}

/** What the configuration says that cannot be, each with the way out. */
export function contradictions(config: StackConfig): Contradiction[] {
  return [...networkFaults(config), ...egressFaults(config), ...sizeFaults(config)];
}

function networkFaults(config: StackConfig): Contradiction[] {
  return [...vpcFaults(config), ...corporateFaults(config), ...exposureFaults(config)];
}

function vpcFaults({ vpc }: StackConfig): Contradiction[] {
  const own = parseNetwork(vpc.cidr);
  if (own === null) return [];
  const faults: Contradiction[] = [];
  const path = ['vpc', 'cidr'];
  if (own.bits < 16 || own.bits > 22)
    faults.push({ path, message: `/${own.bits}: expected /16 to /22, room for six subnets` });
  if (!PRIVATE.some((range) => contains(range, own)))
    faults.push({ path, message: 'expected a private network (RFC 1918 or 100.64.0.0/10)' });
  for (const [index, text] of vpc.connected.entries())
    if (meets(text, own))
      faults.push({
        path: ['vpc', 'connected', String(index)],
        message: `${text} overlaps vpc.cidr ${vpc.cidr}: routes between them would be ambiguous`,
      });
  return faults;
}

function corporateFaults({ vpc, corporateCidrs }: StackConfig): Contradiction[] {
  const faults: Contradiction[] = [];
  for (const [index, text] of corporateCidrs.entries()) {
    const cidr = parseNetwork(text);
    const path = ['corporateCidrs', String(index)];
    if (cidr === null) continue;
    if (cidr.bits < 8)
      faults.push({
        path,
        message: `${text} is everybody: name the networks of the company (/8 or smaller)`,
      });
    else if (meets(vpc.cidr, cidr))
      faults.push({ path, message: `${text} overlaps vpc.cidr ${vpc.cidr}: choose another vpc.cidr` });
    for (const before of corporateCidrs.slice(0, index).filter((other) => meets(other, cidr)))
      faults.push({ path, message: `${text} overlaps ${before}: keep the wider one` });
  }
  return faults;
}

function exposureFaults({ exposure, compute, corporateCidrs, domain }: StackConfig): Contradiction[] {
  const faults: Contradiction[] = [];
  if (domain === undefined)
    faults.push({
      path: ['domain'],
      message:
        'HTTPS needs a name: set domain.name, with domain.zoneId (a certificate is made) or domain.certificateArn',
    });
  if (exposure !== 'public' && corporateCidrs.length === 0)
    faults.push({
      path: ['corporateCidrs'],
      message: 'nobody could reach the balancer: list the networks of the company, or set exposure: public',
    });
  if (compute === 'ecs' && exposure !== undefined && exposure !== 'internal')
    faults.push({ path: ['exposure'], message: 'compute: ecs is internal: leave it out or write internal' });
  return faults;
}

function egressFaults({ egress }: StackConfig): Contradiction[] {
  const faults: Contradiction[] = [];
  if (egress.mode === 'endpoints')
    for (const [index, feature] of egress.needs.entries())
      faults.push({
        path: ['egress', 'needs', String(index)],
        message: `${feature} (${INTERNET_FEATURES[feature]}) needs the Internet: set egress.mode to both, or leave it out`,
      });
  if (egress.mode === 'endpoints' && egress.domains.length > 0)
    faults.push({ path: ['egress', 'domains'], message: 'no way leads there: set egress.mode to both' });
  if (egress.mode !== 'endpoints' && egress.domains.length === 0)
    faults.push({
      path: ['egress', 'domains'],
      message: 'NAT without a domain is paid for nothing: list them',
    });
  return faults;
}

function sizeFaults({ app, bastion, compute, ops }: StackConfig): Contradiction[] {
  const faults: Contradiction[] = [];
  if (app.min !== undefined && app.max !== undefined && app.max < app.min)
    faults.push({ path: ['app', 'max'], message: `${app.max} is less than app.min ${app.min}` });
  const servers = compute === 'ecs' ? 'x86_64' : architectureOf(app.instanceType);
  if (ops.enabled && architectureOf(ops.instanceType) !== servers)
    faults.push({
      path: ['ops', 'instanceType'],
      message: `${ops.instanceType} cannot run the image of the servers, which is ${servers}: choose both alike`,
    });
  for (const [index, { cidr }] of bastion.egress.entries())
    if ((parseNetwork(cidr)?.bits ?? 32) < 8)
      faults.push({
        path: ['bastion', 'egress', String(index)],
        message: `${cidr} is everywhere: name the network`,
      });
  return faults;
}

function meets(text: string, other: Network): boolean {
  const cidr = parseNetwork(text);
  return cidr !== null && overlaps(cidr, other);
}
