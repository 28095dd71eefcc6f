/** GuardDuty findings, in the API's PascalCase and the camelCase of EventBridge and S3 exports. */
import type { Observation, ResourceRef } from '../model.js';
import { severityFromGuardDuty } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { instantOr, knownSeverity } from './aws-fields.js';
import { isObject, type JsonObject, member, number, object, objects, tagPairs, text } from './json.js';

export const guarddutyAdapter: Adapter = {
  tool: 'guardduty',
  matches: (document) =>
    typeof member(document, 'type') === 'string' &&
    isObject(member(document, 'service')) &&
    member(document, 'severity') !== undefined &&
    (isObject(member(document, 'resource')) ||
      text(member(document, 'arn'))?.includes(':guardduty:') === true),
  read: readGuardDuty,
};

function readGuardDuty(finding: JsonObject, context: ReadContext): void {
  const service = object(member(finding, 'service'));
  const kind = text(member(finding, 'type')) ?? 'unknown';
  const id = text(member(finding, 'id')) ?? '';
  const title = text(member(finding, 'title')) ?? kind;
  if (isSample(title, service)) {
    context.drop('sample');
    return;
  }
  const isArchived = member(service, 'archived') === true;
  if (isArchived) context.drop('archived');
  const raw = number(member(finding, 'severity'));
  const inbound = inboundProof(object(member(service, 'action')));
  context.emit({
    lane: 'threat',
    tool: 'guardduty',
    sourceId: id,
    file: context.file,
    arn: text(member(finding, 'arn')),
    // Archived is how people accept a finding: it is told to the memory, and not listed.
    status: isArchived ? 'closed' : 'active',
    title,
    severity: knownSeverity(severityFromGuardDuty(raw), raw ?? member(finding, 'severity'), context),
    severitySource: 'guardduty',
    kind,
    attackSequence: kind.startsWith('AttackSequence:') || undefined,
    exploit: 'active',
    fix: 'unknown',
    resource: readResource(object(member(finding, 'resource')), finding),
    proves: inbound,
    firstSeen: instantOr(member(service, 'eventFirstSeen') ?? member(finding, 'createdAt'), context),
    lastSeen: instantOr(member(service, 'eventLastSeen') ?? member(finding, 'updatedAt'), context),
  });
}

// CreateSampleFindings marks its findings twice; exports keep one mark or the other.
function isSample(title: string, service: JsonObject): boolean {
  if (title.startsWith('[SAMPLE]')) return true;
  const info = member(service, 'additionalInfo');
  const parsed = isObject(info) ? info : {};
  if (member(parsed, 'sample') === true) return true;
  const value = member(parsed, 'value');
  return typeof value === 'string' && /"sample"\s*:\s*true/.test(value);
}

/** A connection that came in from outside proves that the resource can be reached. */
function inboundProof(action: JsonObject): Observation['proves'] {
  const connection = object(member(action, 'networkConnectionAction'));
  const isInbound =
    member(connection, 'connectionDirection') === 'INBOUND' && member(connection, 'blocked') !== true;
  const probe = object(member(action, 'portProbeAction'));
  const isProbed = isObject(member(action, 'portProbeAction')) && member(probe, 'blocked') !== true;
  if (!isInbound && !isProbed) return undefined;
  return {
    exposure: 'public',
    why: isInbound ? 'GuardDuty saw an inbound connection' : 'GuardDuty saw its open port probed',
  };
}

interface ResourceRule {
  readonly details: string;
  readonly id: string;
  readonly type: string;
}

/** Which detail names the resource, most specific first. */
const RESOURCES: readonly ResourceRule[] = [
  { details: 'instanceDetails', id: 'instanceId', type: 'instance' },
  { details: 'lambdaDetails', id: 'functionArn', type: 'function' },
  { details: 'eksClusterDetails', id: 'arn', type: 'eks-cluster' },
  { details: 'ecsClusterDetails', id: 'arn', type: 'ecs-cluster' },
  { details: 'rdsDbInstanceDetails', id: 'dbInstanceArn', type: 'rds-instance' },
  { details: 'rdsLimitlessDbDetails', id: 'dbShardGroupArn', type: 'rds-shard-group' },
  { details: 'containerDetails', id: 'image', type: 'container' },
  { details: 'accessKeyDetails', id: 'userName', type: 'iam-user' },
];

function readResource(resource: JsonObject, finding: JsonObject): ResourceRef {
  const known = {
    account: text(member(finding, 'accountId')),
    region: text(member(finding, 'region')),
  };
  for (const { details, id, type } of RESOURCES) {
    const found = object(member(resource, details));
    const name = text(member(found, id));
    if (name !== undefined) return { ...known, type, id: name, tags: tagPairs(member(found, 'tags')) };
  }
  const bucket = objects(member(resource, 's3BucketDetails'))[0];
  const arn = bucket === undefined ? undefined : text(member(bucket, 'arn'));
  if (bucket !== undefined && arn !== undefined)
    return { ...known, type: 'bucket', id: arn, tags: tagPairs(member(bucket, 'tags')) };
  return {
    ...known,
    type: text(member(resource, 'resourceType')) ?? 'account',
    id: known.account ?? 'unknown',
  };
}
