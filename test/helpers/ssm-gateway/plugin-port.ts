/** The agent's port plugin: raw bytes, or smux version 1 on the server side, to one TCP destination. */
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import type { Agent, AgentPlugin } from './agent.js';

export interface PortPluginOptions {
  host: string;
  port: number;
  /** AWS-StartSSHSession has none. */
  type: 'LocalPortForwarding' | '';
  multiplex: boolean;
  /** Names that the VPC knows and this host does not; read when the session starts. */
  hosts?: Readonly<Record<string, string>> | undefined;
}

const REFUSED = new Uint8Array([0, 0, 0, 3]);

export function portPlugin(options: PortPluginOptions): AgentPlugin {
  return options.multiplex ? new MuxPlugin(options) : new BasicPlugin(options);
}

function properties(options: PortPluginOptions): Record<string, unknown> {
  return { portNumber: String(options.port), localPortNumber: '0', type: options.type, host: options.host };
}

async function resolved({ host, hosts }: PortPluginOptions): Promise<string> {
  return hosts?.[host] ?? (await lookup(host, { family: 4 })).address;
}

class BasicPlugin implements AgentPlugin {
  readonly sessionType = 'Port';
  readonly properties: Record<string, unknown>;
  readonly #options: PortPluginOptions;
  #agent: Agent | undefined;
  #socket: Socket | undefined;

  constructor(options: PortPluginOptions) {
    this.#options = options;
    this.properties = properties(options);
  }

  start(agent: Agent): void {
    this.#agent = agent;
    this.#dial();
  }

  input(payload: Uint8Array, payloadType: number): void {
    if (payloadType === 10) this.#hangUp();
    else if (payloadType === 1) {
      if (this.#socket === undefined) this.#dial();
      this.#socket?.write(Buffer.from(payload));
    }
  }

  stop(): void {
    this.#hangUp();
  }

  #dial(): void {
    const agent = this.#agent;
    if (agent === undefined) return;
    const socket = connect({ host: this.#options.host, port: this.#options.port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (data) => {
      socket.pause();
      void agent.write(data).then(() => socket.resume());
    });
    socket.on('error', () => agent.send(10, REFUSED));
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }

  #hangUp(): void {
    this.#socket?.end();
    this.#socket = undefined;
  }
}

class MuxPlugin implements AgentPlugin {
  readonly sessionType = 'Port';
  readonly properties: Record<string, unknown>;
  readonly #options: PortPluginOptions;
  readonly #streams = new Map<number, Socket>();
  #agent: Agent | undefined;
  #rest = Buffer.alloc(0);
  // The real agent resolves the host once, when the session starts.
  #address: Promise<string>;
  // One writer: the frames of the streams must not be cut into each other.
  #turn: Promise<void> = Promise.resolve();

  constructor(options: PortPluginOptions) {
    this.#options = options;
    this.properties = properties(options);
    this.#address = resolved(options);
    this.#address.catch(() => {});
  }

  start(agent: Agent): void {
    this.#agent = agent;
  }

  input(payload: Uint8Array, payloadType: number): void {
    if (payloadType !== 1) return;
    this.#rest = this.#rest.length === 0 ? Buffer.from(payload) : Buffer.concat([this.#rest, payload]);
    let offset = 0;
    while (this.#rest.length - offset >= 8) {
      const length = this.#rest.readUInt16LE(offset + 2);
      if (this.#rest.length - offset < 8 + length) break;
      const data = this.#rest.subarray(offset + 8, offset + 8 + length);
      this.#frame(this.#rest[offset], this.#rest[offset + 1], this.#rest.readUInt32LE(offset + 4), data);
      offset += 8 + length;
    }
    this.#rest = this.#rest.subarray(offset);
  }

  stop(): void {
    for (const socket of this.#streams.values()) socket.destroy();
    this.#streams.clear();
  }

  #frame(version: number | undefined, command: number | undefined, id: number, data: Buffer): void {
    if (version !== 1 || command === undefined || command > 3) {
      this.#agent?.violations.push(`smux version ${version} command ${command}`);
      return;
    }
    if (command === 0) void this.#open(id);
    else if (command === 1) this.#streams.get(id)?.end();
    else if (command === 2) this.#streams.get(id)?.write(Buffer.from(data));
  }

  async #open(id: number): Promise<void> {
    const socket = connect({
      host: this.#options.host,
      port: this.#options.port,
      noDelay: true,
      lookup: (_host, _options, done) => {
        this.#address.then(
          (address) => done(null, [{ address, family: 4 }]),
          (error: NodeJS.ErrnoException) => done(error, []),
        );
      },
    });
    this.#streams.set(id, socket);
    let isConnected = false;
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.on('data', (data) => {
      socket.pause();
      void this.#send(2, id, data).then(() => socket.resume());
    });
    socket.on('error', () => {
      if (!isConnected) this.#agent?.send(10, REFUSED);
    });
    socket.on('close', () => {
      this.#streams.delete(id);
      void this.#send(1, id, Buffer.alloc(0));
    });
  }

  #send(command: number, id: number, data: Buffer): Promise<void> {
    const frames: Buffer[] = [];
    for (let offset = 0; offset === 0 || offset < data.length; offset += 32768) {
      const part = data.subarray(offset, offset + 32768);
      const header = Buffer.from([1, command, 0, 0, 0, 0, 0, 0]);
      header.writeUInt16LE(part.length, 2);
      header.writeUInt32LE(id, 4);
      frames.push(header, part);
    }
    const bytes = Buffer.concat(frames);
    this.#turn = this.#turn.then(() => this.#agent?.write(bytes));
    return this.#turn;
  }
}
