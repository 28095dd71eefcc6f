/** The flags of `roc status`. */
import { Flags } from '@oclif/core';
import { awsFlags } from './aws-flags.js';

export const statusFlags = {
  ...awsFlags,
  asg: Flags.string({ summary: "Auto Scaling group; the stack's by default", helpValue: 'NAME' }),
  balancer: Flags.string({ summary: "load balancer; the stack's by default", helpValue: 'ARN' }),
  'target-group': Flags.string({
    summary: "the balancer's target group of the API; the stack's by default",
    helpValue: 'ARN',
    dependsOn: ['balancer'],
  }),
  ecs: Flags.string({ summary: "service of ECS; the stack's by default", helpValue: 'CLUSTER/SERVICE' }),
  database: Flags.string({ summary: "RDS instance; the stack's by default", helpValue: 'ID' }),
  url: Flags.string({
    summary: "the orchestrator; ROC_URL, client.url, the stack's or that of `roc login` by default",
    helpValue: 'URL',
  }),
  watch: Flags.boolean({ summary: 'look again and again, until Ctrl-C', char: 'w' }),
  every: Flags.string({
    summary: 'how often with --watch; at least 10s',
    helpValue: 'TIME',
    default: '60s',
  }),
  ascii: Flags.boolean({ summary: 'letters instead of bars and marks' }),
};
