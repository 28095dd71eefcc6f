/** The session port straight to a gateway of this process, past HTTP and the SDK. */
import type { SessionApi } from '../../../src/bastion/session/ports.js';
import type { Gateway } from './gateway.js';

export function directApi(gateway: Gateway): SessionApi {
  return {
    async start({ target, document, parameters }) {
      const reply = gateway.start({
        Target: target,
        ...(document === undefined ? {} : { DocumentName: document }),
        ...(parameters === undefined
          ? {}
          : { Parameters: Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, [...v]])) }),
      });
      return { sessionId: reply.SessionId, streamUrl: reply.StreamUrl, token: reply.TokenValue };
    },
    async resume(sessionId) {
      const { StreamUrl, TokenValue } = gateway.resume(sessionId);
      return StreamUrl && TokenValue ? { sessionId, streamUrl: StreamUrl, token: TokenValue } : null;
    },
    async terminate(sessionId) {
      gateway.terminate(sessionId);
    },
    async signStream() {
      return {
        authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ssmmessages/aws4_request, test',
        'x-amz-date': '20260101T000000Z',
      };
    },
    async dataKey({ keyId, encryptionContext }) {
      const key = gateway.keys.generate(keyId, encryptionContext);
      return {
        plaintext: Buffer.from(key.plaintext, 'base64'),
        sealed: Buffer.from(key.ciphertext, 'base64'),
      };
    },
    refreshCredentials() {},
  };
}
