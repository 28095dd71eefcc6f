/** Checks of what the instance may do, and of the metadata service that gives the agent its credentials. */
import { isAtLeast } from '../../session/agent-version.js';
import { type Check, fail, known, notApplicable, pass, present, warn } from '../check.js';
import { judgePermissions } from './caller.js';

const FIRST_WITH_HOST_MANAGEMENT = '3.2.582.0';

export const roleChecks: readonly Check[] = [
  {
    id: 'instance-profile',
    judge: ({ instance, hostManagement, managed }) =>
      present(instance, 'no EC2 instance', ({ profileArn, metadata }) => {
        if (profileArn !== null) return pass(profileArn);
        if (!hostManagement.known || hostManagement.value === null) {
          return fail(
            'no instance profile, and Default Host Management Configuration is off',
            'Attach an instance profile with AmazonSSMManagedInstanceCore, or turn Default Host Management Configuration on.',
          );
        }
        const version = managed.known ? managed.value?.agentVersion : undefined;
        if (version !== undefined && !isAtLeast(version, FIRST_WITH_HOST_MANAGEMENT)) {
          return fail(
            `Default Host Management Configuration needs agent ${FIRST_WITH_HOST_MANAGEMENT}, this is ${version}`,
            'Update the agent, or attach an instance profile.',
          );
        }
        if (metadata !== null && metadata.endpoint !== 'enabled') {
          return fail(
            'Default Host Management Configuration needs IMDSv2, and metadata is off',
            'Enable the metadata service.',
          );
        }
        return pass(`Default Host Management Configuration with ${hostManagement.value}`);
      }),
  },
  {
    id: 'role-permissions',
    judge: ({ role }) =>
      present(role, 'no role to look at', ({ arn, permissions }) => judgePermissions(permissions, arn)),
  },
  {
    id: 'metadata-service',
    judge: ({ instance }) =>
      present(instance, 'no EC2 instance', ({ metadata }) => {
        if (metadata === null) return notApplicable('EC2 says nothing of it');
        const { endpoint, tokens, hopLimit } = metadata;
        if (endpoint !== 'enabled') {
          return fail(
            'the metadata service is off, so the agent has no credentials',
            'Turn it on: aws ec2 modify-instance-metadata-options --http-endpoint enabled --http-tokens required',
          );
        }
        if (tokens === 'required' && hopLimit < 2) {
          return warn(
            `IMDSv2 with a hop limit of ${hopLimit}`,
            'An agent in a container needs a hop limit of 2; on the host itself 1 is right.',
          );
        }
        return pass(`enabled, tokens ${tokens}, hop limit ${hopLimit}`);
      }),
  },
  {
    id: 'preferences',
    judge: ({ preferences }) =>
      known(preferences, (value) => {
        if (value === null) return pass('no preferences: idle time-out 20 minutes, no encryption, no log');
        const { idleMinutes, maxMinutes, kmsKeyId, runAsUser, s3Bucket, logGroup } = value;
        const parts = [
          `idle time-out ${idleMinutes ?? 20} minutes`,
          maxMinutes && `at most ${maxMinutes} minutes`,
          kmsKeyId && `encrypted with ${kmsKeyId}`,
          runAsUser && `runs as ${runAsUser}`,
          s3Bucket && `logged to s3://${s3Bucket}`,
          logGroup && `logged to ${logGroup}`,
        ].filter(Boolean);
        return runAsUser
          ? warn(
              parts.join(', '),
              `The user ${runAsUser} must exist on the instance, else the shell ends at once.`,
            )
          : pass(parts.join(', '));
      }),
  },
  {
    id: 'encryption-key',
    judge: ({ preferences }) =>
      present(preferences, 'sessions are not encrypted with KMS', ({ kmsKeyId, kmsKeyState }) => {
        if (kmsKeyId === null) return notApplicable('sessions are not encrypted with KMS');
        if (kmsKeyState === 'Enabled') return pass(`${kmsKeyId} is enabled`);
        return fail(
          `${kmsKeyId} is ${kmsKeyState ?? 'not to be found'}`,
          'Enable the key, or name another in the Session Manager preferences.',
        );
      }),
  },
];
