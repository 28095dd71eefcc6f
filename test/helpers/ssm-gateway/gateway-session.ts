/** One session of the gateway: its tokens, the client's link, the agent, and the faults between the two. */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { Agent, type AgentPlugin } from './agent.js';
import { FaultLane } from './fault-lane.js';
import type { Gateway, StartInput } from './gateway.js';
import { portPlugin } from './plugin-port.js';
import { commandPlugin, shellPlugin } from './plugin-shell.js';
import { seeded } from './random.js';
import { frameType, json, writeFrame } from './wire.js';

export interface SessionFaults {
  /** Closes the link with 1000 "Bye" after so many frames in both directions together, again and again. */
  byeEvery?: number;
  /** Goes silent in both directions after so many frames, once. */
  silentAfter?: number;
  /** Answers so many upgrades, after the first, with this status. */
  refuseLinks?: { count: number; status: number };
  /** Closes the link when the client sends more messages a second than this. */
  throttle?: number;
  /** Sends this text with channel_closed right after the start instead of a session. */
  closeWith?: string;
  /** Sends so many bytes of rubbish frames a time, `times` times, when the client joins. */
  garbage?: { bytes: number; times: number };
  /** One frame of so many bytes when the client joins. */
  hugeFrame?: number;
}

export class GatewaySession {
  readonly id: string;
  readonly input: StartInput;
  readonly agent: Agent | undefined;
  readonly toAgent: FaultLane;
  readonly toClient: FaultLane;
  isOver = false;
  links = 0;
  clientVersion = '';
  readonly #gateway: Gateway;
  readonly #tokens = new Set<string>();
  readonly #waiting: Uint8Array[] = [];
  #client: WebSocket | undefined;
  #external: WebSocket | undefined;
  #clientId = '';
  #frames = 0;
  #second = { at: 0, count: 0 };

  constructor(gateway: Gateway, id: string, input: StartInput) {
    this.#gateway = gateway;
    this.id = id;
    this.input = input;
    const { options } = gateway;
    const random = seeded((options.seed ?? 1) + gateway.sessions.size);
    this.toAgent = new FaultLane(options.toAgent ?? {}, random, (frame) => this.#atAgent(frame));
    this.toClient = new FaultLane(options.toClient ?? {}, random, (frame) => this.#atClient(frame));
    if (options.mode === 'external') return;
    const kms =
      options.kmsKeyId && !isPort(input) ? { kms: { keyId: options.kmsKeyId, store: gateway.keys } } : {};
    this.agent = new Agent(
      { ...kms, ...options.agent },
      this.#plugin(),
      { sessionId: id, target: input.Target },
      {
        send: (frame) => this.toClient.put(frame),
        backlog: () => (this.#client?.bufferedAmount ?? 0) + this.toClient.waiting * 1024,
      },
    );
    this.agent.pause();
  }

  newToken(): string {
    const token = randomBytes(32).toString('base64');
    this.#tokens.add(token);
    return token;
  }

  takeToken(token: string): boolean {
    return this.#tokens.delete(token);
  }

  /** The HTTP status that the next upgrade is refused with, or null. */
  refuseNextLink(): number | null {
    const refuse = this.#gateway.options.session?.refuseLinks;
    if (refuse === undefined || refuse.count === 0 || this.links === 0) return null;
    refuse.count--;
    return refuse.status;
  }

  clientJoined(link: WebSocket, version: string, clientId: string): void {
    this.links++;
    this.clientVersion = version;
    if (this.links > 1 && clientId !== this.#clientId)
      this.#gateway.violations.push('another ClientId after a resume');
    this.#clientId = clientId;
    this.#client?.terminate();
    this.#client = link;
    link.on('message', (data) => this.#fromClient(data as Buffer));
    link.on('close', () => {
      if (this.#client !== link) return;
      this.#client = undefined;
      this.agent?.pause();
    });
    if (this.#beginBadly(link)) return;
    if (this.#external) this.#joined();
    else if (this.agent !== undefined) this.#startOrResume(this.agent);
  }

  agentJoined(link: WebSocket): void {
    this.#external = link;
    link.on('message', (data) => {
      if (frameType(data as Buffer) !== 'agent_session_state') this.toClient.put(data as Buffer);
    });
    if (this.#client) this.#joined();
  }

  /** Tells the client that it is over. */
  closeChannel(reason: string): void {
    if (this.isOver) return;
    const body = {
      MessageId: randomBytes(8).toString('hex'),
      CreatedDate: new Date().toISOString(),
      DestinationId: '',
      SessionId: this.id,
      MessageType: 'channel_closed',
      SchemaVersion: 1,
      Output: reason,
    };
    this.toClient.put(writeFrame({ type: 'channel_closed', payload: json(body) }));
    this.end();
  }

  /** Close 1000 "Bye", as the real one does about every hour. */
  bye(): void {
    this.agent?.pause();
    this.#client?.close(1000, 'Bye');
    this.#client = undefined;
  }

  /** The TCP connection breaks. */
  cut(): void {
    this.agent?.pause();
    this.#client?.terminate();
    this.#client = undefined;
  }

  /** Nothing passes any more, and nobody says so. */
  fallSilent(): void {
    this.toAgent.isSilent = true;
    this.toClient.isSilent = true;
    this.agent?.pause();
    this.#client?.pause();
  }

  publication(type: 'pause_publication' | 'start_publication'): void {
    this.toClient.put(writeFrame({ type }));
  }

  end(): void {
    this.isOver = true;
    this.agent?.stop();
  }

  #startOrResume(agent: Agent): void {
    this.toAgent.isSilent = false;
    this.toClient.isSilent = false;
    agent.resume();
    if (this.links === 1) agent.start();
  }

  #beginBadly(link: WebSocket): boolean {
    const { garbage, hugeFrame, closeWith } = this.#gateway.options.session ?? {};
    for (let i = 0; garbage && i < garbage.times; i++) link.send(randomBytes(garbage.bytes));
    if (hugeFrame) link.send(Buffer.alloc(hugeFrame));
    if (closeWith !== undefined) this.closeChannel(closeWith);
    return garbage !== undefined || hugeFrame !== undefined || closeWith !== undefined;
  }

  #joined(): void {
    for (const frame of this.#waiting.splice(0)) this.toAgent.put(frame);
    this.publication('start_publication');
  }

  #fromClient(frame: Buffer): void {
    this.#count();
    if (this.#isThrottled()) {
      this.cut();
      return;
    }
    if (this.agent === undefined && this.#external === undefined) this.#waiting.push(frame);
    else this.toAgent.put(frame);
  }

  #atAgent(frame: Uint8Array): void {
    if (this.agent) this.agent.receive(frame);
    else this.#external?.send(frame);
  }

  #atClient(frame: Uint8Array): void {
    this.#count();
    this.#client?.send(frame);
  }

  #count(): void {
    const { byeEvery, silentAfter } = this.#gateway.options.session ?? {};
    this.#frames++;
    if (byeEvery !== undefined && this.#frames % byeEvery === 0) setImmediate(() => this.bye());
    if (silentAfter === this.#frames) this.fallSilent();
  }

  #isThrottled(): boolean {
    const limit = this.#gateway.options.session?.throttle;
    const at = Math.floor(performance.now() / 1000);
    if (at !== this.#second.at) this.#second = { at, count: 0 };
    return limit !== undefined && ++this.#second.count > limit;
  }

  #plugin(): AgentPlugin {
    const { options } = this.#gateway;
    const { DocumentName: document = 'SSM-SessionManagerRunShell', Parameters: parameters = {} } = this.input;
    const first = (name: string) => parameters[name]?.[0] ?? '';
    const onExit = (reason: string) => this.closeChannel(reason);
    switch (document) {
      case 'AWS-StartPortForwardingSession':
      case 'AWS-StartPortForwardingSessionToRemoteHost': {
        const version = (options.agent?.version ?? '3.3.987.0').split('.').map(Number);
        const isOld =
          (version[0] ?? 0) < 3 || (version[0] === 3 && version[1] === 0 && (version[2] ?? 0) < 196);
        const host = first('host') || '127.0.0.1';
        return portPlugin({
          host,
          port: Number(first('portNumber')),
          type: 'LocalPortForwarding',
          multiplex: !isOld,
          hosts: options.hosts,
        });
      }
      case 'AWS-StartSSHSession':
        return portPlugin({
          host: '127.0.0.1',
          port: Number(first('portNumber')),
          type: '',
          multiplex: false,
        });
      case 'AWS-StartNonInteractiveCommand':
        return commandPlugin(first('command'), options.separateOutput ?? false, onExit);
      case 'AWS-StartInteractiveCommand':
        return shellPlugin(['sh', '-c', first('command')], 'InteractiveCommands', onExit);
      default:
        return shellPlugin(options.shell ?? SHELL, 'Standard_Stream', onExit);
    }
  }
}

// Set inside: a python3 that is a shell script would lose PS1 on the way.
const SHELL = ['sh', '-c', "PS1='remote$ ' exec bash --norc --noprofile -i"];

function isPort(input: StartInput): boolean {
  return /PortForwarding|SSHSession/.test(input.DocumentName ?? '');
}
