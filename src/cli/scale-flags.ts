/** What the commands of `roc scale` that look at a running group have in common. */
import { Flags } from '@oclif/core';
import type { Config } from '../kernel/config.js';
import type { Log } from '../kernel/log.js';
import { awsFlags } from './aws-flags.js';

export const scaleFlags = {
  ...awsFlags,
  policy: Flags.string({
    summary: 'scaling policy; scale.policy of roc.yaml or the shipped one by default',
    helpValue: 'FILE',
  }),
  asg: Flags.string({
    summary: "Auto Scaling group; the policy's or the stack's by default",
    helpValue: 'NAME',
    exclusive: ['ecs'],
  }),
  ecs: Flags.string({ summary: 'service of ECS instead of a group', helpValue: 'CLUSTER/SERVICE' }),
};

export const applyFlags = {
  ...scaleFlags,
  plan: Flags.string({
    summary: 'id that `roc scale plan` printed',
    helpValue: 'ID',
    exclusive: ['native'],
  }),
  native: Flags.boolean({ summary: "install what AWS's own scaling lacks as a floor, and nothing else" }),
  rds: Flags.string({
    summary: 'change the class of the database instead, and nothing else',
    helpValue: 'CLASS',
    dependsOn: ['window'],
    exclusive: ['native', 'plan'],
  }),
  window: Flags.string({
    summary: 'when the class may change, each day in UTC',
    helpValue: 'HH:MM-HH:MM',
    dependsOn: ['rds'],
  }),
  yes: Flags.boolean({ summary: 'do not ask', char: 'y' }),
};

/** What a room of this shell is opened with. */
export async function scaleOptions<F>(about: {
  readonly config: Config;
  readonly flags: F;
  readonly root: string;
  readonly userAgent: string;
  readonly log: Log;
}) {
  const { scaleClient } = await import('./scale-client.js');
  const { userAgent, ...rest } = about;
  return {
    ...{ ...rest, cwd: process.cwd(), env: process.env, now: Date.now },
    elapsed: () => performance.now(),
    client: (url: string | undefined) =>
      scaleClient({ config: about.config, env: process.env, userAgent }, url),
  };
}
