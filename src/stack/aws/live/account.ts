/** What an account has once and the stack relies on: threat detection and the hub of findings. */
import { GetDetectorCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { callAws } from '../call.js';
import { type LiveReader, orNull } from './live-facts.js';

export const readGuardDuty: LiveReader = async (access) => {
  const client = access.client(GuardDutyClient);
  const { DetectorIds = [] } = await callAws('guardduty:ListDetectors', (abortSignal) =>
    client.send(new ListDetectorsCommand({}), { abortSignal }),
  );
  const [DetectorId] = DetectorIds;
  if (DetectorId === undefined) return null;
  const detector = await callAws('guardduty:GetDetector', (abortSignal) =>
    client.send(new GetDetectorCommand({ DetectorId }), { abortSignal }),
  );
  return { status: detector.Status ?? null };
};

export const readSecurityHub: LiveReader = async (access) => {
  const reply = await orNull(/^(InvalidAccessException|ResourceNotFoundException)$/, () =>
    callAws('securityhub:DescribeHub', (abortSignal) =>
      access.client(SecurityHubClient).send(new DescribeHubCommand({}), { abortSignal }),
    ),
  );
  return reply === null ? null : { isOn: true };
};
