/** High GuardDuty findings: to people, and, where asked for, their address into the WAF's block list. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';
import { role } from './iam.js';
import type { Waf } from './waf.js';

const HIGH = {
  source: ['aws.guardduty'],
  'detail-type': ['GuardDuty Finding'],
  detail: { severity: [{ numeric: ['>=', 7] }] },
};

/** The detector belongs to the account, not to this stack; the rule only listens. */
export function buildFindings(context: Context, topicArn: string, blockList: Waf['blockList']): void {
  new CfnRule(context.stack, 'HighFindings', {
    name: `${context.name}-high-findings`,
    description: 'high GuardDuty findings, to people',
    eventPattern: HIGH,
    state: 'ENABLED',
    targets: [
      {
        id: 'topic',
        arn: topicArn,
        inputTransformer: {
          inputPathsMap: {
            title: '$.detail.title',
            severity: '$.detail.severity',
            id: '$.detail.id',
            region: '$.region',
          },
          inputTemplate: '"GuardDuty, severity <severity>, <region>: <title> (finding <id>)"',
        },
      },
    ],
  });
  if (blockList !== null) blockAddresses(context, blockList);
}

function blockAddresses(context: Context, list: NonNullable<Waf['blockList']>): void {
  const { stack, name } = context;
  const worker = role(context, 'BlockRole', {
    service: 'ssm.amazonaws.com',
    about: 'adds addresses to the block list',
    statements: [{ actions: ['wafv2:GetIPSet', 'wafv2:UpdateIPSet'], resources: [list.arn] }],
  });
  const document = new CfnDocument(stack, 'BlockAddress', {
    name: `${name}-block-address`,
    documentType: 'Automation',
    documentFormat: 'JSON',
    updateMethod: 'NewVersion',
    content: automation(list, worker.arn),
  });
  const arn = Fn.sub(
    `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:automation-definition/\${document}:$DEFAULT`,
    { document: document.ref },
  );
  const starter = role(context, 'BlockStartRole', {
    service: 'events.amazonaws.com',
    about: 'starts the automation of the block list',
    statements: [
      { actions: ['ssm:StartAutomationExecution'], resources: [arn] },
      {
        actions: ['iam:PassRole'],
        resources: [worker.arn],
        condition: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      },
    ],
  });
  const remote = 'detail.service.action.networkConnectionAction.remoteIpDetails.ipAddressV4';
  new CfnRule(stack, 'BlockFindings', {
    name: `${name}-block-findings`,
    description: 'addresses of high GuardDuty findings, to the block list',
    eventPattern: {
      ...HIGH,
      detail: {
        ...HIGH.detail,
        service: {
          action: { networkConnectionAction: { remoteIpDetails: { ipAddressV4: [{ exists: true }] } } },
        },
      },
    },
    state: 'ENABLED',
    targets: [
      {
        id: 'automation',
        arn,
        roleArn: starter.arn,
        inputTransformer: {
          inputPathsMap: { address: `$.${remote}` },
          inputTemplate: '{"Address":["<address>"]}',
        },
      },
    ],
  });
}

function automation(list: NonNullable<Waf['blockList']>, assumeRole: string): object {
  return {
    schemaVersion: '0.3',
    description: 'Adds one public address to the block list of the WAF.',
    assumeRole,
    parameters: { Address: { type: 'String', allowedPattern: '^(\\d{1,3}\\.){3}\\d{1,3}$' } },
    mainSteps: [
      {
        name: 'add',
        action: 'aws:executeScript',
        timeoutSeconds: 60,
        inputs: {
          Runtime: 'python3.11',
          Handler: 'add',
          InputPayload: { address: '{{Address}}', name: list.name, id: list.id },
          Script: SCRIPT,
        },
      },
    ],
  };
}

// The oldest go when the list is full; private addresses never enter it.
const SCRIPT = `import ipaddress
import boto3

def add(event, context):
    address = ipaddress.ip_address(event["address"])
    if not address.is_global:
        return {"added": False}
    waf = boto3.client("wafv2")
    which = {"Name": event["name"], "Id": event["id"], "Scope": "REGIONAL"}
    for attempt in range(5):
        found = waf.get_ip_set(**which)
        entry = f"{address}/32"
        kept = [a for a in found["IPSet"]["Addresses"] if a != entry][-999:]
        try:
            waf.update_ip_set(**which, Addresses=kept + [entry], LockToken=found["LockToken"])
            return {"added": True}
        except waf.exceptions.WAFOptimisticLockException:
            continue
    raise RuntimeError("the block list kept changing")
`;
