/** Checks of the instance and its agent. */
import { formatDuration, MINUTE } from '../../../kernel/time.js';
import { compareVersions, isAtLeast } from '../../session/agent-version.js';
import { type Check, fail, known, notApplicable, pass, present, warn } from '../check.js';

/** What each agent version brought, newest first; a session itself needs the last row. */
const MILESTONES = [
  { since: '3.1.1374.0', what: 'forwarding to other hosts' },
  { since: '3.0.196.0', what: 'many connections in one session' },
  { since: '2.3.672.0', what: 'SSH through a session' },
  { since: '2.3.68.0', what: 'sessions at all' },
] as const;

/** End of support of Amazon Linux 2. */
const AMAZON_LINUX_2_END = Date.UTC(2026, 5, 30);

export const targetChecks: readonly Check[] = [
  {
    id: 'instance-running',
    judge: ({ instance, target }) =>
      known(instance, (value) => {
        if (value === null) {
          return target.startsWith('mi-')
            ? notApplicable('a machine outside EC2')
            : fail(`EC2 has no instance ${target} here`, 'Check the id, the account and --region.');
        }
        return value.state === 'running'
          ? pass('running')
          : fail(
              `the instance is ${value.state}`,
              `Start it: aws ec2 start-instances --instance-ids ${target}`,
            );
      }),
  },
  {
    id: 'agent-registered',
    judge: ({ managed }) =>
      known(managed, (value) =>
        value === null
          ? fail(
              'Systems Manager has never heard of it',
              'Give it a role with AmazonSSMManagedInstanceCore and a way to ssm and ssmmessages, and see that the agent is installed and runs.',
            )
          : pass(`agent ${value.agentVersion} on ${value.platformName} ${value.platformVersion}`),
      ),
  },
  {
    id: 'agent-online',
    judge: ({ managed, now }) =>
      present(managed, 'not registered', ({ ping, lastPingAt }) => {
        const ago =
          lastPingAt === null ? 'at an unknown time' : `${formatDuration(Math.max(0, now - lastPingAt))} ago`;
        if (ping === 'Online') return pass(`Online, last heard ${ago}`);
        return fail(
          `${ping}, last heard ${ago}`,
          'See that the instance runs, the agent runs (systemctl status amazon-ssm-agent), and its way to AWS is open.',
        );
      }),
  },
  {
    id: 'connection-status',
    judge: ({ connection }) =>
      known(connection, (status) =>
        status === 'connected'
          ? pass('connected')
          : fail(
              `Session Manager says ${status}`,
              'The agent has no control channel: check its role, its way to ssmmessages, and restart it.',
            ),
      ),
  },
  {
    id: 'agent-version',
    judge: ({ managed }) =>
      present(managed, 'not registered', ({ agentVersion }) => {
        const lacks = MILESTONES.filter(({ since }) => !isAtLeast(agentVersion, since));
        if (lacks.length === 0) return pass(agentVersion);
        const text = `${agentVersion} is too old for ${lacks.map(({ what }) => what).join(', ')}`;
        const fix = 'Update the agent: run the document AWS-UpdateSSMAgent on the instance.';
        return compareVersions(agentVersion, MILESTONES[3].since) < 0 ? fail(text, fix) : warn(text, fix);
      }),
  },
  {
    id: 'operating-system',
    judge: ({ managed, now }) =>
      present(managed, 'not registered', ({ platformName, platformVersion }) => {
        const isOld = platformName === 'Amazon Linux' && /^2(\.|$)/.test(platformVersion);
        if (!isOld) return pass(`${platformName} ${platformVersion}`);
        const ended = now >= AMAZON_LINUX_2_END ? 'ended' : 'ends';
        return warn(`Amazon Linux 2: support ${ended} on 2026-06-30`, 'Move to Amazon Linux 2023.');
      }),
  },
  {
    id: 'agent-silence',
    judge: ({ managed, now }) =>
      present(managed, 'not registered', ({ lastPingAt }) => {
        if (lastPingAt === null) return notApplicable('no ping yet');
        const silence = now - lastPingAt;
        return silence > 10 * MINUTE
          ? warn(
              `no ping for ${formatDuration(silence)}`,
              'The agent pings every five minutes: see whether it hangs or lost its way.',
            )
          : pass('pings as it should');
      }),
  },
];
