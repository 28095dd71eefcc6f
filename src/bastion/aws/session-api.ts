/** The Session Manager API on the AWS SDK: start, resume, terminate, signed links, data keys. */
import {
  ResumeSessionCommand,
  SSMClient,
  StartSessionCommand,
  TerminateSessionCommand,
} from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';
import { RocError } from '../../kernel/errors.js';
import type { SessionApi, StreamGrant } from '../session/ports.js';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';
import { NodeSha256 } from './sha256.js';

export function createSessionApi(access: AwsAccess): SessionApi {
  let client: { generation: number; ssm: SSMClient } | undefined;
  const ssm = () => {
    if (client === undefined || client.generation !== access.generation) {
      client?.ssm.destroy();
      client = { generation: access.generation, ssm: new SSMClient(access.options()) };
    }
    return client.ssm;
  };
  return {
    async start({ target, document, parameters, reason }) {
      const command = new StartSessionCommand({
        Target: target,
        DocumentName: document,
        Parameters: parameters && mutable(parameters),
        Reason: reason,
      });
      const reply = await callAws('ssm:StartSession', (abortSignal) => ssm().send(command, { abortSignal }));
      const grant = asGrant(reply.SessionId, reply);
      if (grant === null) throw noGrant();
      return grant;
    },
    async resume(sessionId) {
      const command = new ResumeSessionCommand({ SessionId: sessionId });
      try {
        const reply = await callAws('ssm:ResumeSession', (abortSignal) =>
          ssm().send(command, { abortSignal }),
        );
        return asGrant(sessionId, reply);
      } catch (error) {
        if (awsErrorName(error) === 'DoesNotExistException') return null;
        throw error;
      }
    },
    async terminate(sessionId) {
      const command = new TerminateSessionCommand({ SessionId: sessionId });
      await callAws('ssm:TerminateSession', (abortSignal) => ssm().send(command, { abortSignal }));
    },
    signStream: (url) => signStream(url, access),
    async dataKey({ keyId, encryptionContext }) {
      const { generateDataKey } = await import('./kms.js');
      return generateDataKey(access, keyId, encryptionContext);
    },
    refreshCredentials: () => access.refresh(),
  };
}

/**
 * SigV4 of the upgrade request, which Session Manager clients send since late 2025. An URL that carries a
 * signature of its own (X-Amz-* in the query) is left as it is.
 */
async function signStream(url: URL, access: AwsAccess): Promise<Record<string, string>> {
  if ([...url.searchParams.keys()].some((key) => /^x-amz-/i.test(key))) return {};
  const signer = new SignatureV4({
    service: 'ssmmessages',
    region: access.target.region,
    credentials: access.credentials,
    sha256: NodeSha256,
  });
  const signed = await callAws('signing the data channel', () =>
    signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    }),
  );
  const { host: _, ...headers } = signed.headers;
  return headers;
}

function asGrant(
  sessionId: string | undefined,
  reply: { StreamUrl?: string | undefined; TokenValue?: string | undefined },
): StreamGrant | null {
  if (!sessionId || !reply.StreamUrl || !reply.TokenValue) return null;
  return { sessionId, streamUrl: reply.StreamUrl, token: reply.TokenValue };
}

function noGrant(): RocError {
  return new RocError('ROC_UNREACHABLE', 'ssm:StartSession: AWS named no stream for the session', {
    hint: 'Try again; if it stays so, look at the instance with `roc bastion doctor`.',
  });
}

function mutable(parameters: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parameters).map(([key, values]) => [key, [...values]]));
}
