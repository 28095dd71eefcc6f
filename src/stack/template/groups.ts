/** Who may talk to whom: every security group of the stack, from those that open no way to those that open most. */

import type { Context } from './context.js';
import { APP_PORT } from './edge.js';
import { type Group, securityGroup, type Way } from './security-group.js';

export interface Groups {
  readonly endpoints: Group;
  readonly database: Group;
  readonly restore: Group;
  readonly app: Group;
  readonly balancer: Group;
  readonly bastion: Group | null;
  readonly ops: Group | null;
}

export function buildGroups(context: Context): Groups {
  const { settings, name } = context;
  const shut = (logicalId: string, about: string) =>
    securityGroup(context, { logicalId, about: `${name}: ${about}`, ways: [] });
  const endpoints = shut('EndpointGroup', 'endpoints of AWS services');
  const database = shut('DatabaseGroup', 'the database');
  const restore = shut('RestoreGroup', 'copies of the database that restore tests make');
  const aws = toAws(context, endpoints);
  const toDatabase: Way = { to: { group: database }, port: settings.db.port, why: 'the database' };
  const toRestore: Way = { to: { group: restore }, port: settings.db.port, why: 'restored copies' };
  const app = securityGroup(context, {
    logicalId: 'AppGroup',
    about: `${name}: the orchestrator`,
    ways: [toDatabase, ...aws],
  });
  const balancer = securityGroup(context, {
    logicalId: 'BalancerGroup',
    about: `${name}: the load balancer`,
    openTo: callers(context),
    ways: [{ to: { group: app }, port: APP_PORT, why: 'requests and health checks' }],
  });
  const toBalancer: Way = {
    to: { group: balancer },
    port: 443,
    why: 'the orchestrator, for evidence and draining',
  };
  return {
    endpoints,
    database,
    restore,
    app,
    balancer,
    bastion: settings.bastion.enabled
      ? securityGroup(context, {
          logicalId: 'BastionGroup',
          about: `${name}: the bastion`,
          ways: [
            ...aws,
            toRestore,
            ...(settings.bastion.database ? [toDatabase] : []),
            ...settings.bastion.egress.map(({ cidr, port, why }) => ({ to: { cidr }, port, why })),
          ],
        })
      : null,
    ops: settings.ops.enabled
      ? securityGroup(context, {
          logicalId: 'OpsGroup',
          about: `${name}: the host of the duties`,
          ways: [...aws, toDatabase, toRestore, toBalancer],
        })
      : null,
  };
}

// Through NAT the addresses are anybody's: there the firewall of names is what holds.
function toAws({ settings, facts }: Context, endpoints: Group): Way[] {
  const s3: Way = { to: { prefixList: facts.s3PrefixListId }, port: 443, why: 'S3' };
  const services: Way = { to: { group: endpoints }, port: 443, why: 'AWS services' };
  const out: Way = { to: { cidr: '0.0.0.0/0' }, port: 443, why: 'names of egress.domains, through NAT' };
  if (settings.egress.mode === 'endpoints') return [services, s3];
  return settings.egress.mode === 'nat' ? [out, s3] : [services, out, s3];
}

function callers({ settings }: Context): { cidr: string; port: number; why: string }[] {
  const cidrs = settings.exposure === 'public' ? ['0.0.0.0/0'] : settings.corporateCidrs;
  const ports = settings.exposure === 'internal' ? [443] : [443, 80];
  return cidrs.flatMap((cidr) =>
    ports.map((port) => ({
      cidr,
      port,
      why: port === 443 ? 'people, robots and programs' : 'sent on to HTTPS',
    })),
  );
}
