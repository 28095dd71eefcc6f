import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { commandPolicy } from '../../../src/cli/iam/policy.js';
import { TYPE_ACTIONS } from '../../../src/cli/iam/stack-types.js';
import { COMMAND_RIGHTS } from '../../../src/cli/iam/table.js';
import { describeWith } from '../../helpers/parts.js';
import { botocoreData } from '../../helpers/programs.js';
import { projectPath } from '../../helpers/project.js';
import { PROFILE_NAMES, templateFor } from '../../stack/samples.js';

/** What IAM calls a service, where its client is called otherwise. */
const PREFIX: Record<string, string> = {
  'auto-scaling': 'autoscaling',
  'cloudwatch-logs': 'logs',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'route-53': 'route53',
  'secrets-manager': 'secretsmanager',
  'service-quotas': 'servicequotas',
  'config-service': 'config',
  'application-auto-scaling': 'application-autoscaling',
};

/** Calls whose permission has another name: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const OTHER_NAMES: Record<string, string | null> = {
  'sts:GetCallerIdentity': null,
  // Its own reference says so: both calls are allowed by the one permission.
  'securityhub:GetFindingsV2': 'securityhub:GetFindings',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:CopyObject': 's3:PutObject',
  's3:GetBucketReplication': 's3:GetReplicationConfiguration',
  's3:GetObjectLockConfiguration': 's3:GetBucketObjectLockConfiguration',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:UploadPart': 's3:PutObject',
  's3:CompleteMultipartUpload': 's3:PutObject',
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3:PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
};

/** Permissions that no call carries the name of. */
const ONLY_IN_IAM = new Set([
  ...Object.values(OTHER_NAMES).filter((name) => name !== null),
  's3:ListBucket',
  's3:GetObjectVersion',
  's3:DeleteObjectVersion',
  'rds-db:connect',
  'iam:PassRole',
  'elasticloadbalancing:SetWebAcl',
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:ListLogDeliveries',
]);

const ROOMS = readdirSync(projectPath('src')).filter(
  (room) => existsSync(projectPath(`src/${room}/aws`)) || room === 'orchestrator',
);

/** What the commands of a room begin with. */
const COMMANDS_OF: Record<string, RegExp> = {
  stack: /^provision/,
  scale: /^(scale|status)/,
  orchestrator: /^serve$/,
  cli: /./,
};

describe('the table of rights', () => {
  test.each(ROOMS.filter((room) => room !== 'cli'))('has every call that %s makes', (room) => {
    const pattern = COMMANDS_OF[room] ?? new RegExp(`^${room}`);
    const rights = Object.entries(COMMAND_RIGHTS).filter(([command]) => pattern.test(command));
    const known = new Set(rights.flatMap(([, list]) => list.flatMap(({ actions }) => actions)));
    const missing = callsOf(room).filter((call) => !known.has(call));
    expect(missing).toEqual([]);
  });

  test('has every type of the stack', async () => {
    const types = await Promise.all(
      PROFILE_NAMES.map(async (profile) =>
        Object.values((await templateFor(profile)).Resources).map(({ Type }) => Type),
      ),
    );
    const unknown = [...new Set(types.flat())].filter((type) => !(type in TYPE_ACTIONS));
    expect(unknown).toEqual([]);
    expect(Object.keys(TYPE_ACTIONS).filter((type) => !types.flat().includes(type))).toEqual([]);
  });

  test('names commands that exist', () => {
    for (const command of Object.keys(COMMAND_RIGHTS)) {
      const path = projectPath('commands', ...command.split(' '));
      expect([`${path}.ts`, join(path, 'index.ts'), path].some(existsSync), command).toBe(true);
    }
  });

  test('has no star in an action', () => {
    const actions = Object.values(COMMAND_RIGHTS).flatMap((rights) =>
      rights.flatMap((right) => right.actions),
    );
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
  });
});

describeWith('botocore', 'actions of the table', () => {
  test('are operations of their service', () => {
    const actions = new Set(
      Object.values(COMMAND_RIGHTS).flatMap((rights) => rights.flatMap((right) => right.actions)),
    );
    const unknown = [...actions].filter((action) => !ONLY_IN_IAM.has(action) && !isOperation(action));
    expect(unknown).toEqual([]);
  });
});

describe('a policy', () => {
  test('puts account, region and stack into the ARNs', () => {
    const text = JSON.stringify(
      commandPolicy('provision plan', { account: '123456789012', region: 'eu-west-1', stack: 'roc-prod' }),
    );
    expect(text).toContain('arn:aws:cloudformation:eu-west-1:123456789012:stack/roc-prod/*');
    expect(text).not.toMatch(/[{](account|region|stack)[}]/);
  });

  test('of an unknown command names the known ones', () => {
    expect(() =>
      commandPolicy('bastion lst', { account: undefined, region: undefined, stack: undefined }),
    ).toThrow(
      expect.objectContaining({ code: 'ROC_NOT_FOUND', hint: expect.stringContaining('bastion list') }),
    );
  });
});

function callsOf(room: string): string[] {
  const files = readdirSync(projectPath('src', room), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const calls = files.flatMap((file) => {
    const text = readFileSync(projectPath('src', room, file), 'utf8');
    return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        names.split(',').flatMap((name) => {
          const [, operation] =
            /^(?:(?:paginate|waitUntil)?)([A-Z]\w*?)Command$|^paginate(\w+)$/
              .exec(name.trim())
              ?.filter(Boolean) ?? [];
          return operation === undefined ? [] : [`${PREFIX[client] ?? client}:${operation}`];
        }),
    );
  });
  return [...new Set(calls)].flatMap((call) => {
    const named = call in OTHER_NAMES ? OTHER_NAMES[call] : call;
    return named === null || named === undefined ? [] : [named];
  });
}

const FOLDER: Record<string, string> = {
  elasticloadbalancing: 'elbv2',
  servicequotas: 'service-quotas',
};
const operations = new Map<string, Set<string>>();

function isOperation(action: string): boolean {
  const [service = '', name = ''] = action.split(':');
  const folder = FOLDER[service] ?? service;
  let known = operations.get(folder);
  if (known === undefined) {
    const base = join(botocoreData() ?? '', folder);
    const version = readdirSync(base).sort().at(-1) ?? '';
    const file = join(base, version, 'service-2.json.gz');
    const model = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as { operations: object };
    known = new Set(Object.keys(model.operations));
    operations.set(folder, known);
  }
  // A few operations carry the date of their version.
  return known.has(name) || [...known].some((operation) => operation.replace(/\d+(_\d+)*$/, '') === name);
}
