/** Roles with a policy of their own that names every action; AWS's ready policies only where a service demands them. */
import { CfnInstanceProfile, CfnManagedPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Context } from './context.js';

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, unknown>>;
}

export interface RolePlan {
  readonly service: string;
  readonly about: string;
  readonly statements: readonly Statement[];
  /** Names of AWS's policies, such as `service-role/AWSBackupServiceRolePolicyForBackup`. */
  readonly awsPolicies?: readonly string[];
}

export interface Role {
  readonly arn: string;
  readonly name: string;
}

/** A role that one service takes on, in this account alone. */
export function role(context: Context, id: string, plan: RolePlan): Role {
  const made = new CfnRole(context.stack, id, {
    description: `${context.name}: ${plan.about}`,
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: plan.service },
          Action: 'sts:AssumeRole',
          // EC2 sends no source account when it hands a role to an instance.
          ...(plan.service === 'ec2.amazonaws.com'
            ? {}
            : { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }),
        },
      ],
    },
    ...(plan.awsPolicies === undefined
      ? {}
      : {
          managedPolicyArns: plan.awsPolicies.map(
            (policy) => `arn:${context.stack.partition}:iam::aws:policy/${policy}`,
          ),
        }),
  });
  const result = { arn: made.attrArn, name: made.ref };
  const { about, statements } = plan;
  if (statements.length > 0) addPolicy(context, result, { id: `${id}Policy`, about, statements });
  return result;
}

/** A policy of its own on a role: each has room for 6,144 characters. Returns its logical id. */
export function addPolicy(
  context: Context,
  to: Role,
  { id, about, statements }: { id: string; about: string; statements: readonly Statement[] },
): string {
  new CfnManagedPolicy(context.stack, id, {
    description: `${context.name}: ${about}`,
    roles: [to.name],
    policyDocument: { Version: '2012-10-17', Statement: statements.map(statement) },
  });
  return id;
}

/** The profile by which instances have a role. */
export function instanceProfile(context: Context, id: string, { name }: Role): Role {
  const profile = new CfnInstanceProfile(context.stack, id, { roles: [name] });
  return { arn: profile.attrArn, name: profile.ref };
}

function statement({ actions, resources, condition }: Statement): Record<string, unknown> {
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
