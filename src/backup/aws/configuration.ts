/** Reads configuration from AWS: parameters, parameter groups, roles with their policies. */
import {
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeDBParametersCommand,
  paginateDescribeDBParameterGroups,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RocError } from '../../kernel/errors.js';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { ConfigItem } from '../configuration/items.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** Every parameter under a path, secure ones decrypted: an export that holds ciphertext could not be restored elsewhere. */
export async function readParameters(access: AwsAccess, path: string): Promise<ConfigItem[]> {
  const ssm = new SSMClient(access.options());
  const items: ConfigItem[] = [];
  const next = pageTokens('ssm:GetParametersByPath');
  let NextToken: string | undefined;
  do {
    const command = new GetParametersByPathCommand({
      Path: path,
      Recursive: true,
      WithDecryption: true,
      NextToken,
    });
    const page = await callAws(access, 'ssm:GetParametersByPath', (abortSignal) =>
      ssm.send(command, { abortSignal }),
    );
    for (const { Name, Type, Value } of page.Parameters ?? [])
      items.push({ name: `ssm:${Name}`, value: { type: Type ?? null, value: Value ?? null } });
    NextToken = next(page.NextToken);
  } while (NextToken !== undefined);
  return items;
}

/** What people changed in parameter groups; all groups where none is named. */
export async function readParameterGroups(
  access: AwsAccess,
  names: readonly string[],
): Promise<ConfigItem[]> {
  const rds = new RDSClient(access.options());
  const groups: { name: string; family: string | null }[] = [];
  await callAws(access, 'rds:DescribeDBParameterGroups', async () => {
    for await (const page of paginateDescribeDBParameterGroups({ client: rds }, {}))
      for (const { DBParameterGroupName, DBParameterGroupFamily } of page.DBParameterGroups ?? [])
        groups.push({ name: DBParameterGroupName ?? '', family: DBParameterGroupFamily ?? null });
    return { $metadata: {} };
  });
  const wanted = groups.filter(({ name }) =>
    names.length === 0 ? !name.startsWith('default.') : names.includes(name),
  );
  const absent = names.find((name) => !wanted.some((group) => group.name === name));
  if (absent !== undefined)
    throw new RocError('ROC_NOT_FOUND', `there is no parameter group ${absent}, which the policy names`, {
      hint: 'Correct include of the asset: an export without it would look whole.',
    });
  const items: ConfigItem[] = [];
  for (const { name, family } of wanted) {
    const values: Record<string, string | null> = {};
    const next = pageTokens('rds:DescribeDBParameters');
    let Marker: string | undefined;
    do {
      const command = new DescribeDBParametersCommand({ DBParameterGroupName: name, Source: 'user', Marker });
      const page = await callAws(access, 'rds:DescribeDBParameters', (abortSignal) =>
        rds.send(command, { abortSignal }),
      );
      for (const { ParameterName, ParameterValue } of page.Parameters ?? [])
        values[ParameterName ?? ''] = ParameterValue ?? null;
      Marker = next(page.Marker);
    } while (Marker !== undefined);
    items.push({ name: `rds-parameter-group:${name}`, value: { family, values } });
  }
  return items;
}

/** Roles whose name begins so: trust, inline and attached policies. */
export async function readRoles(access: AwsAccess, prefix: string): Promise<ConfigItem[]> {
  const iam = new IAMClient(access.options());
  const items: ConfigItem[] = [];
  const next = pageTokens('iam:ListRoles');
  let Marker: string | undefined;
  do {
    const command = new ListRolesCommand({ Marker });
    const page = await callAws(access, 'iam:ListRoles', (abortSignal) => iam.send(command, { abortSignal }));
    for (const { RoleName = '', AssumeRolePolicyDocument } of page.Roles ?? [])
      if (RoleName.startsWith(prefix))
        items.push({
          name: `iam-role:${RoleName}`,
          value: {
            trust: document(AssumeRolePolicyDocument),
            ...(await rolePolicies(access, iam, RoleName)),
          },
        });
    Marker = page.IsTruncated === true ? next(page.Marker) : undefined;
  } while (Marker !== undefined);
  return items;
}

async function rolePolicies(access: AwsAccess, iam: IAMClient, RoleName: string) {
  const of = { RoleName };
  const named = await callAws(access, 'iam:ListRolePolicies', (abortSignal) =>
    iam.send(new ListRolePoliciesCommand(of), { abortSignal }),
  );
  const attached = await callAws(access, 'iam:ListAttachedRolePolicies', (abortSignal) =>
    iam.send(new ListAttachedRolePoliciesCommand(of), { abortSignal }),
  );
  const inline: Record<string, unknown> = {};
  for (const PolicyName of named.PolicyNames ?? []) {
    const command = new GetRolePolicyCommand({ RoleName, PolicyName });
    const { PolicyDocument } = await callAws(access, 'iam:GetRolePolicy', (abortSignal) =>
      iam.send(command, { abortSignal }),
    );
    inline[PolicyName] = document(PolicyDocument);
  }
  return {
    inline,
    attached: (attached.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []).sort(),
  };
}

/** IAM gives documents as URL-encoded JSON. */
function document(text: string | undefined): unknown {
  const plain = decodeURIComponent(text ?? 'null');
  try {
    return JSON.parse(plain);
  } catch {
    return plain;
  }
}
