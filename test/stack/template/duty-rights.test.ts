/** The role of the ops host against the rights of the commands that its duties run. */
import { describe, expect, test } from 'vitest';
import { COMMAND_RIGHTS } from '../../../src/cli/iam/table.js';
import { synthesise } from '../../../src/stack/synthesise.js';
import type { Template } from '../../../src/stack/template.js';
import { configOf, factsOf, templateFor, VERSION } from '../samples.js';

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

function statements({ Resources }: Template, policy: string): readonly Statement[] {
  const document = Resources[policy]?.Properties?.['PolicyDocument'] as
    | { Statement: readonly Statement[] }
    | undefined;
  return document?.Statement ?? [];
}

const actionsOf = (list: readonly Statement[]) => new Set(list.flatMap(({ Action }) => Action));

function rightsOf(...commands: string[]): Set<string> {
  return new Set(commands.flatMap((name) => COMMAND_RIGHTS[name] ?? []).flatMap(({ actions }) => actions));
}

/** What a command may need elsewhere, and this host does not, by why. */
const NOT_HERE: Readonly<Record<string, readonly string[]>> = {
  // It is inside the network: no session leads through the bastion.
  'no tunnel': [...rightsOf('bastion connect')],
  // A drill restores the snapshot that it has just made, which has a manifest; no point of the vault.
  'no recovery point': [
    ...['backup:StartRestoreJob', 'backup:DescribeRestoreJob', 'backup:PutRestoreValidationResult'],
    'backup:GetRecoveryPointRestoreMetadata',
  ],
  // The shipped policy has no asset of type config, and no restoreTo.
  'no configuration': [
    ...['ssm:GetParametersByPath', 'iam:ListRoles', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'],
    ...['iam:ListRolePolicies', 's3:DeleteObjectVersion'],
  ],
};

/** What the host does around a drill: its snapshot goes when it is proved. */
const BESIDES = ['rds:DeleteDBSnapshot'];

/** A sweep looks at instances and parameter groups; buckets and snapshots are no affair of it. */
const NOT_SWEPT =
  /^(s3:Get(Bucket|Encryption|Lifecycle|Replication|ObjectVersion)|s3:ListBucketVersions|rds:DeleteDBSnapshot)/;

/** Instances, or a service: what concerns the other is not asked. */
const OTHER_COMPUTE = {
  prod: /^(application-autoscaling|ecs):/,
  ecs: /^autoscaling:|^elasticloadbalancing:(Deregister|Register)Targets$/,
};

describe.each(['prod', 'ecs'] as const)('%s', (profile) => {
  test.each([
    ['OpsBackupVerifyPolicy', ['backup run', 'backup verify']],
    ['OpsBackupSweepPolicy', ['backup sweep']],
    ['OpsVulnsReportPolicy', ['vulns report']],
    ['OpsScaleWatchPolicy', ['scale watch']],
  ] as const)('%s holds what %s call, and nothing else', async (policy, commands) => {
    const has = actionsOf(statements(await templateFor(profile), policy));
    const needs = rightsOf(...commands);
    const elsewhere = new Set(Object.values(NOT_HERE).flat());
    const missing = [...needs].filter(
      (action) =>
        !has.has(action) &&
        !elsewhere.has(action) &&
        !OTHER_COMPUTE[profile].test(action) &&
        !(policy === 'OpsBackupSweepPolicy' && NOT_SWEPT.test(action)),
    );
    expect(missing).toEqual([]);
    expect([...has].filter((action) => !needs.has(action) && !BESIDES.includes(action))).toEqual([]);
  });
});

test('what is destroyed or changed carries a mark of roc', async () => {
  const template = await templateFor('prod');
  const dangerous = ['OpsBackupVerifyPolicy', 'OpsBackupSweepPolicy']
    .flatMap((policy) => statements(template, policy))
    .filter(({ Action }) => Action.some((action) => /^rds:(Delete|Modify)/.test(action)));
  expect(dangerous).toHaveLength(5);
  for (const { Condition } of dangerous)
    expect(JSON.stringify(Condition)).toContain('aws:ResourceTag/roc:managed');
});

test('an asset of type config brings the rights to read configuration', async () => {
  const facts = { ...factsOf(), files: { drills: 'rds-mysql roc-database\nconfig settings\n' } };
  const { blueprint } = await synthesise({ config: configOf('prod'), facts, version: VERSION });
  const has = actionsOf(statements(blueprint.template, 'OpsBackupVerifyPolicy'));
  expect(has).toContain('iam:ListRoles');
  expect(actionsOf(statements(await templateFor('prod'), 'OpsBackupVerifyPolicy'))).not.toContain(
    'iam:ListRoles',
  );
});

test('the key that signs evidence signs, and only its drills may use it', async () => {
  const { Resources } = await templateFor('prod');
  expect(Resources['EvidenceKey']?.Properties).toMatchObject({
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  });
  const signers = Object.entries(Resources).filter(
    ([, { Type, Properties }]) =>
      Type === 'AWS::IAM::ManagedPolicy' && JSON.stringify(Properties).includes('kms:Sign'),
  );
  expect(signers.map(([id]) => id).sort()).toEqual(['OpsBackupSweepPolicy', 'OpsBackupVerifyPolicy']);
});
