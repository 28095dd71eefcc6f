/** Checks of the way from the instance to AWS. */
import { isAtLeast } from '../../session/agent-version.js';
import { type Check, type Finding, fail, notApplicable, pass, present, warn } from '../check.js';
import type { DoctorFacts, Endpoint, InstanceFacts, NetworkFacts } from '../facts.js';
import { aclAllows, rulesAllow, rulesMention } from '../rules.js';

const HTTPS = 443;
/** Any public address: what an ACL or a rule for 0.0.0.0/0 lets pass. */
const INTERNET = '52.94.0.1';
/** From this version on the agent does without ec2messages. */
const FIRST_WITHOUT_EC2MESSAGES = '3.3.40.0';

export const networkChecks: readonly Check[] = [
  {
    id: 'route',
    judge: (facts) =>
      placed(facts, ({ publicIp }, network) => {
        const missing = missingServices(facts, network);
        if (missing.length === 0) return pass(`interface endpoints ${names(network.endpoints)}`);
        const route = network.defaultRoute;
        const fix = `Add a NAT gateway, or interface endpoints for ${missing.join(', ')}.`;
        if (route === null) return fail(`no default route, and no endpoint for ${missing.join(', ')}`, fix);
        if (route.state !== 'active')
          return fail(`the default route to ${route.target} is ${route.state}`, fix);
        if (route.target.startsWith('igw-') && publicIp === null) {
          return fail(
            `the default route goes to ${route.target}, but the instance has no public address`,
            fix,
          );
        }
        return pass(`default route to ${route.target}`);
      }),
  },
  {
    id: 'endpoint-dns',
    judge: (facts) =>
      placed(facts, (_instance, { endpoints, dnsSupport, dnsHostnames }) => {
        const used = serviceEndpoints(endpoints);
        if (used.length === 0) return notApplicable('no endpoints');
        const without = used.filter(({ privateDns }) => !privateDns);
        if (without.length > 0) {
          return fail(
            `no private DNS on ${names(without)}`,
            'Turn private DNS on, so that the agent finds the endpoint.',
          );
        }
        return dnsSupport && dnsHostnames
          ? pass('private DNS is on, and so is DNS in the VPC')
          : fail(
              'DNS support or DNS host names are off in the VPC',
              'Turn enableDnsSupport and enableDnsHostnames on.',
            );
      }),
  },
  {
    id: 'endpoint-state',
    judge: (facts) =>
      placed(facts, (_instance, { endpoints }) => {
        const used = serviceEndpoints(endpoints);
        const idle = used.filter(({ state }) => state.toLowerCase() !== 'available');
        if (used.length === 0) return notApplicable('no endpoints');
        return idle.length === 0
          ? pass('available')
          : fail(
              idle.map(({ id, state }) => `${id} is ${state}`).join(', '),
              'Wait for it, or make it anew.',
            );
      }),
  },
  {
    id: 'endpoint-security-group',
    judge: (facts) =>
      placed(facts, (instance, { endpoints, securityGroups }) => {
        const used = serviceEndpoints(endpoints);
        if (used.length === 0) return notApplicable('no endpoints');
        const peer = { ip: instance.privateIp, groups: instance.securityGroupIds };
        const shut = used.filter(({ securityGroupIds }) => {
          const rules = securityGroups
            .filter(({ id }) => securityGroupIds.includes(id))
            .flatMap(({ ingress }) => ingress);
          return !rulesAllow(rules, HTTPS, peer);
        });
        return shut.length === 0
          ? pass('443 from the instance is let in')
          : fail(
              `443 from the instance is not let in by ${names(shut)}`,
              'Allow TCP 443 from the security group of the instance.',
            );
      }),
  },
  {
    id: 'endpoint-policy',
    judge: (facts) =>
      placed(facts, (_instance, { endpoints }) => {
        const used = serviceEndpoints(endpoints);
        if (used.length === 0) return notApplicable('no endpoints');
        const narrow = used.filter(({ policy }) => policy !== null && !isOpenPolicy(policy));
        return narrow.length === 0
          ? pass('the endpoint policies allow everything')
          : warn(
              `${names(narrow)} with a policy of its own`,
              'See that it allows the ssm and ssmmessages actions of the instance role.',
            );
      }),
  },
  {
    id: 'egress',
    judge: (facts) =>
      placed(facts, (instance, network) => {
        const groups = network.securityGroups.filter(({ id }) => instance.securityGroupIds.includes(id));
        const rules = groups.flatMap(({ egress }) => egress);
        const endpointGroups = network.endpoints.flatMap(({ securityGroupIds }) => securityGroupIds);
        const fix = 'Allow TCP 443 out of the security group of the instance.';
        if (!rulesMention(rules, HTTPS))
          return fail('no security group of the instance lets TCP 443 out', fix);
        const inside = rulesAllow(rules, HTTPS, { ip: instance.privateIp, groups: endpointGroups });
        const outside = rulesAllow(rules, HTTPS, { ip: INTERNET, groups: [] });
        const byList = rules.some(({ prefixLists }) => prefixLists.length > 0);
        if (outside || byList || (inside && missingServices(facts, network).length === 0))
          return pass('TCP 443 is let out');
        return warn(
          'TCP 443 is let out to some addresses only',
          'See that the addresses of ssm and ssmmessages are among them.',
        );
      }),
  },
  {
    id: 'network-acl',
    judge: (facts) =>
      placed(facts, ({ privateIp }, network) => {
        const peer = missingServices(facts, network).length === 0 ? (privateIp ?? INTERNET) : INTERNET;
        const out = aclAllows(network.aclEntries, true, HTTPS, peer);
        // Linux and the NAT gateway choose their source ports from these.
        const back = [1024, 32_768, 65_535].every((port) => aclAllows(network.aclEntries, false, port, peer));
        if (out && back) return pass('443 out and the answers back pass the network ACL');
        return fail(
          out
            ? 'the network ACL holds back the answers (ports 1024 to 65535)'
            : 'the network ACL holds back TCP 443',
          'Allow TCP 443 out and 1024-65535 in, in the network ACL of the subnet.',
        );
      }),
  },
  {
    id: 'log-endpoints',
    judge: (facts) =>
      placed(facts, (_instance, network) => {
        const { preferences } = facts;
        const wanted = preferences.known && preferences.value ? preferences.value : null;
        if (network.defaultRoute !== null || wanted === null) return notApplicable('not needed');
        const services = [
          wanted.kmsKeyId && 'kms',
          wanted.logGroup && 'logs',
          wanted.s3Bucket && 's3',
        ].filter((service): service is string => Boolean(service));
        const missing = services.filter(
          (service) => !network.endpoints.some((endpoint) => endpoint.service === service),
        );
        return missing.length === 0
          ? pass('none is missing')
          : fail(
              `the preferences need ${missing.join(', ')}, and there is no way there`,
              `Add endpoints for ${missing.join(', ')}.`,
            );
      }),
  },
];

function placed(
  facts: DoctorFacts,
  judge: (instance: InstanceFacts, network: NetworkFacts) => Finding,
): Finding {
  return present(facts.instance, 'no EC2 instance', (instance) =>
    present(facts.network, 'the instance has no network', (network) => judge(instance, network)),
  );
}

function neededServices({ managed }: DoctorFacts): string[] {
  const version = managed.known ? managed.value?.agentVersion : undefined;
  const isOld = version !== undefined && !isAtLeast(version, FIRST_WITHOUT_EC2MESSAGES);
  return ['ssm', 'ssmmessages', ...(isOld ? ['ec2messages'] : [])];
}

function missingServices(facts: DoctorFacts, { endpoints }: NetworkFacts): string[] {
  return neededServices(facts).filter(
    (service) => !endpoints.some((endpoint) => endpoint.service === service),
  );
}

function serviceEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.filter(({ service }) => ['ssm', 'ssmmessages', 'ec2messages'].includes(service));
}

function names(endpoints: readonly Endpoint[]): string {
  return endpoints.map(({ service, id }) => `${service} (${id})`).join(', ');
}

function isOpenPolicy(policy: string): boolean {
  try {
    const value = JSON.parse(policy) as { Statement?: Record<string, unknown>[] };
    return (value.Statement ?? []).some(
      (statement) =>
        statement['Effect'] === 'Allow' && statement['Action'] === '*' && statement['Resource'] === '*',
    );
  } catch {
    return false;
  }
}
