/** A Session Manager on the loopback interface: its API, its data channels, an agent inside or outside, faults on demand. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { AwsFault, createFakeAws, type FakeAws, type FakeHandlers } from '../aws-model/fake-aws.js';
import type { AgentOptions } from './agent.js';
import type { LaneFaults } from './fault-lane.js';
import { GatewaySession, type SessionFaults } from './gateway-session.js';
import { createKeyStore, type KeyStore } from './key-store.js';

export interface GatewayOptions {
  agent?: AgentOptions;
  /** `external`: frames pass untouched between a client and an agent that both connect from outside. */
  mode?: 'builtin' | 'external';
  /** By agent's side document: which plugin runs. */
  shell?: readonly string[];
  /** Whether commands have standard error and exit code as types of their own. */
  separateOutput?: boolean;
  seed?: number;
  toAgent?: LaneFaults;
  toClient?: LaneFaults;
  session?: SessionFaults;
  /** More AWS operations, and replacements of the gateway's own. */
  aws?: FakeHandlers;
  /** Milliseconds before the API answers. */
  apiDelay?: number;
  kmsKeyId?: string;
  /** Names that resolve inside the VPC alone, with their addresses; a change is seen by sessions that start after it. */
  hosts?: Record<string, string>;
  /** Refuses upgrades that carry no SigV4 signature. @default true */
  requireSignature?: boolean;
}

export interface StartInput {
  Target: string;
  DocumentName?: string;
  Parameters?: Record<string, string[]>;
  Reason?: string;
}

export class Gateway {
  readonly sessions = new Map<string, GatewaySession>();
  readonly keys: KeyStore = createKeyStore();
  readonly options: GatewayOptions;
  readonly aws: FakeAws;
  readonly violations: string[] = [];
  readonly upgrades: string[] = [];
  url = '';
  port = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = this.#reply(request, Buffer.concat(chunks));
      setTimeout(() => {
        response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
      }, this.options.apiDelay ?? 0);
    });
  });
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 20 });

  constructor(options: GatewayOptions) {
    this.options = options;
    this.aws = createFakeAws({ ...this.#operations(), ...options.aws });
  }

  async listen(port = 0): Promise<this> {
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.end();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** What the agents and the model found wrong with the client. */
  get complaints(): string[] {
    const agents = [...this.sessions.values()].flatMap((session) => session.agent?.violations ?? []);
    return [...this.violations, ...agents, ...this.aws.problems];
  }

  start(input: StartInput): { SessionId: string; StreamUrl: string; TokenValue: string } {
    const id = `roc-${randomBytes(8).toString('hex')}`;
    const session = new GatewaySession(this, id, input);
    this.sessions.set(id, session);
    return { SessionId: id, StreamUrl: this.#streamUrl(id), TokenValue: session.newToken() };
  }

  resume(id: string): { SessionId: string; StreamUrl?: string; TokenValue?: string } {
    const session = this.sessions.get(id);
    if (session === undefined || session.isOver) return { SessionId: id };
    return { SessionId: id, StreamUrl: this.#streamUrl(id), TokenValue: session.newToken() };
  }

  terminate(id: string): { SessionId: string } {
    this.sessions.get(id)?.end();
    return { SessionId: id };
  }

  #streamUrl(id: string): string {
    return `ws://127.0.0.1:${this.port}/v1/data-channel/${id}?role=publish_subscribe&cell-number=AAEABzOD`;
  }

  #operations(): FakeHandlers {
    return {
      'ssm:StartSession': (input) => this.start(input as unknown as StartInput),
      'ssm:ResumeSession': ({ SessionId }) => this.resume(SessionId ?? ''),
      'ssm:TerminateSession': ({ SessionId }) => this.terminate(SessionId ?? ''),
      'kms:GenerateDataKey': ({ KeyId, EncryptionContext, NumberOfBytes }) => {
        if (NumberOfBytes !== 64) throw new AwsFault('ValidationException', 'a session key has 64 bytes');
        const key = this.keys.generate(KeyId ?? '', EncryptionContext ?? {});
        return { KeyId: KeyId ?? '', Plaintext: key.plaintext, CiphertextBlob: key.ciphertext };
      },
    };
  }

  #reply(request: IncomingMessage, body: Buffer): { status: number; type: string; body: string } {
    const channel = /^\/v1\/data-channel\/([^/?]+)$/.exec(request.url ?? '');
    if (channel === null) return this.aws.handle(request, body);
    // The agent's way to its token: a signed POST, answered in XML.
    const session = this.sessions.get(channel[1] ?? '');
    if (session === undefined) return { status: 404, type: 'text/xml', body: '<Error/>' };
    const xml = `<CreateDataChannelResponse><TokenValue>${session.newToken()}</TokenValue></CreateDataChannelResponse>`;
    return { status: 201, type: 'text/xml', body: xml };
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.setNoDelay(true);
    const id = /^\/v1\/data-channel\/([^/?]+)/.exec(request.url ?? '')?.[1] ?? '';
    const session = this.sessions.get(id);
    const authorization = request.headers.authorization ?? '';
    this.upgrades.push(authorization);
    const isSigned =
      /^AWS4-HMAC-SHA256 Credential=\S+\/ssmmessages\/aws4_request,/.test(authorization) &&
      typeof request.headers['x-amz-date'] === 'string';
    const status = this.#refusal(session, isSigned || this.options.requireSignature === false);
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (link) =>
      this.#greet(link, session as GatewaySession),
    );
  }

  #refusal(session: GatewaySession | undefined, isSigned: boolean): number | null {
    if (session === undefined) return 404;
    if (!isSigned) {
      this.violations.push('an upgrade without a signature');
      return 403;
    }
    return session.refuseNextLink();
  }

  // The first frame is text and tells the role.
  #greet(link: WebSocket, session: GatewaySession): void {
    link.on('error', () => {});
    link.once('message', (data, isBinary) => {
      if (isBinary) {
        this.violations.push('the first frame is not text');
        link.close(1003);
        return;
      }
      const open = JSON.parse(String(data)) as Record<string, string>;
      if (
        open['MessageSchemaVersion'] !== '1.0' ||
        !open['RequestId'] ||
        !session.takeToken(open['TokenValue'] ?? '')
      ) {
        this.violations.push('OpenDataChannel was refused');
        link.close(1008, 'token');
      } else if (open['ClientInstanceId'] !== undefined) session.agentJoined(link);
      else {
        if (!open['ClientId']) this.violations.push('OpenDataChannel without ClientId');
        session.clientJoined(link, open['ClientVersion'] ?? '', open['ClientId'] ?? '');
      }
    });
  }
}

export function startGateway(options: GatewayOptions = {}, port = 0): Promise<Gateway> {
  return new Gateway(options).listen(port);
}
