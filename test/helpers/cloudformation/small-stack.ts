/** A small template of the kinds that matter to the engine: a network, data that must stay, and things that come and go. */

import { applyPlan } from '../../../src/stack/apply.js';
import { awsAccess } from '../../../src/stack/aws/access.js';
import type { Engine } from '../../../src/stack/engine.js';
import { waiting } from '../../../src/stack/engine.js';
import { makePlan, type PlanRequest } from '../../../src/stack/plan.js';
import type { SavedPlan } from '../../../src/stack/plan-file.js';
import type { ProvisionEvent } from '../../../src/stack/provision-event.js';
import type { Blueprint, Template, TemplateResource } from '../../../src/stack/template.js';
import type { FakeCloud } from './fake-cloud.js';
import type { FakeStack } from './stack.js';

export function smallTemplate(
  change: (resources: Record<string, TemplateResource>) => void = () => {},
): Template {
  const resources: Record<string, TemplateResource> = {
    Network: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.40.0.0/16' } },
    AppGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'app', VpcId: { Ref: 'Network' } },
    },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } },
    Robots: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { VersioningConfiguration: { Status: 'Enabled' } },
    },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
      Properties: {
        Engine: 'mysql',
        EngineVersion: '8.4.9',
        DBInstanceClass: 'db.m5.2xlarge',
        MultiAZ: true,
        StorageEncrypted: true,
        VPCSecurityGroups: [{ 'Fn::GetAtt': ['AppGroup', 'GroupId'] }],
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'alarms' } },
  };
  change(resources);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: resources,
    Outputs: {
      vpcId: { Value: { Ref: 'Network' } },
      robotsBucket: { Value: { Ref: 'Robots' } },
      dbPort: { Value: '3306' },
      privateSubnetIds: { Value: 'subnet-a,subnet-b' },
    },
  };
}

export function blueprint(template: Template = smallTemplate(), more: Partial<Blueprint> = {}): Blueprint {
  return {
    stackName: 'roc-dev',
    env: 'dev',
    isProduction: false,
    template,
    parameters: {},
    tags: {},
    account: null,
    region: null,
    certificateArn: null,
    ...more,
  };
}

export function planRequest(template?: Template, more: Partial<Blueprint> = {}): PlanRequest {
  return {
    blueprint: blueprint(template, more),
    judge: async () => ({ cost: null, posture: [] }),
    templateRoom: { allow: async () => {} },
    version: '0.0.0',
  };
}

/** An engine on the fake whose waits take no time; a signal may end it. */
export function testEngine(
  cloud: Pick<FakeCloud, 'url' | 'region'>,
  options: { signal?: AbortSignal; now?: () => number } = {},
): Engine & { readonly events: ProvisionEvent[] } {
  const events: ProvisionEvent[] = [];
  let tokens = 0;
  return {
    access: awsAccess({ region: cloud.region, endpointUrl: cloud.url }),
    clock: options.now ?? (() => Date.UTC(2026, 10, 20, 4)),
    token: () => `token-${process.pid}-${++runs}-${++tokens}`,
    wait: () => waiting(options.signal)(1),
    signal: options.signal,
    onEvent: (event) => void events.push(event),
    events,
  };
}

let runs = 0;

/** Changes properties of one resource of {@link smallTemplate}. */
export function withProperties(
  resources: Record<string, TemplateResource>,
  id: string,
  properties: Record<string, unknown>,
): void {
  const resource = resources[id];
  if (resource === undefined) throw new TypeError(`no resource ${id}`);
  resources[id] = { ...resource, Properties: { ...resource.Properties, ...properties } };
}

/** The stack that was made last. */
export function stackOf(cloud: FakeCloud): FakeStack {
  const stack = [...cloud.stacks.values()].at(-1);
  if (stack === undefined) throw new TypeError('the fake has no stack');
  return stack;
}

/** Plans and applies the small stack. */
export async function deployed(
  cloud: FakeCloud,
  template?: Template,
  more?: Partial<Blueprint>,
): Promise<void> {
  const plan = await makePlan(testEngine(cloud), planRequest(template, more));
  await applyPlan(testEngine(cloud), { plan: plan as SavedPlan, allowReplace: [] });
}

export function useTestCredentials(): void {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}
