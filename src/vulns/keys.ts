/** Keys that do not churn: made of stable ids only, never of titles, tags, counts or times. */
import { hash } from 'node:crypto';
import type { Observation, ResourceRef } from './model.js';

export interface Keys {
  /** Names one row: the problem on this very image digest. */
  readonly key: string;
  /** Names the row over time: the problem in this repository or on this resource. */
  readonly trackKey: string;
}

const TRACK_CHARS = 20;
const DIGEST_CHARS = 12;

/** Both keys of an observation; 80 bits of SHA-256 over what identifies it. */
export function keysOf(observation: Observation): Keys {
  const trackKey = hash('sha256', identityText(observation), 'hex').slice(0, TRACK_CHARS);
  const digest = observation.resource.digest;
  if (digest === undefined) return { key: trackKey, trackKey };
  return { key: `${trackKey}-${digest.slice(digest.indexOf(':') + 1).slice(0, DIGEST_CHARS)}`, trackKey };
}

/** The comparable name of a resource without its digest; equal for every source that means the same thing. */
export function identityOf(resource: ResourceRef): string {
  if (resource.repo !== undefined) return `${resource.registry ?? resource.account ?? ''}/${resource.repo}`;
  const id = resource.id;
  if (id.startsWith('arn:')) return arnIdentity(id);
  return resource.type === 'instance' ? id : `${resource.account ?? ''}|${resource.region ?? ''}|${id}`;
}

// An instance is named by ARN in one source and by bare id in another; a function with or without its version.
function arnIdentity(arn: string): string {
  const [, , service, , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 'ec2' && resource.startsWith('instance/')) return resource.slice('instance/'.length);
  if (service === 'lambda' && rest.length > 2) return arn.split(':').slice(0, 7).join(':');
  return arn;
}

function identityText(o: Observation): string {
  const where = identityOf(o.resource);
  switch (o.lane) {
    case 'vuln':
      return `vuln\n${o.cve ?? o.advisory ?? o.sourceId}\n${where}\n${(o.package?.name ?? '').toLowerCase()}\n${cleanPath(o.package?.path)}`;
    case 'threat':
      return `threat\n${o.arn ?? `${o.kind ?? o.sourceId}\n${where}`}`;
    case 'config':
      // A tool that names the account for whatever is in it tells its findings apart by their ids alone.
      return `config\n${o.control ?? o.kind ?? o.sourceId}\n${where}${
        o.control === undefined && isAccount(o.resource) ? `\n${o.sourceId}` : ''
      }`;
    case 'code':
    case 'secret':
      return `${o.lane}\n${o.kind ?? ''}\n${where}\n${o.sourceId}`;
    case 'pentest':
      return `pentest\n${o.kind ?? ''}\n${o.sourceId}\n${where}`;
  }
}

function isAccount({ type, id }: ResourceRef): boolean {
  return type === 'AwsAccount' || /^AWS::::Account:\d{12}$/.test(id);
}

function cleanPath(path: string | undefined): string {
  return path === undefined ? '' : path.replace(/^\/+/, '');
}
