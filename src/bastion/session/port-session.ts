/** One port-forwarding session: many connections where the agent multiplexes, exactly one where it does not. */
import type { Duplex } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { FLAG, PAYLOAD } from '../protocol/payload-type.js';
import { MuxClient } from '../smux/mux-client.js';
import { FIRST_WITH_MULTIPLEXING, isAtLeast, LAST_WITH_KEEPALIVE } from './agent-version.js';
import type { DataChannel } from './data-channel.js';
import { type OpenedSession, type OpenSessionOptions, openSession } from './open-session.js';
import { RawStream } from './raw-stream.js';
import { endError, type SessionEnd } from './session-end.js';

export interface PortSession {
  readonly sessionId: string;
  readonly mode: 'multiplexed' | 'single';
  readonly closed: Promise<SessionEnd>;
  /** Connections open now. */
  readonly load: number;
  /** False when it can take no further connection. */
  readonly canConnect: boolean;
  /** How often in a row the agent could not connect to the destination. */
  readonly refusals: number;
  readonly counts: DataChannel['counts'];
  connect(): Duplex;
  close(): Promise<void>;
}

export interface OpenPortSessionOptions extends OpenSessionOptions {
  /** Bytes of one message towards the instance. @default 1024 */
  readonly payloadSize?: number | undefined;
}

const KEEPALIVE_EVERY = 10_000;

/** @throws RocError */
export async function openPortSession(options: OpenPortSessionOptions): Promise<PortSession> {
  const session = await openSession(options);
  const { facts } = session;
  const canMultiplex =
    facts.properties['type'] === 'LocalPortForwarding' &&
    isAtLeast(facts.agentVersion, FIRST_WITH_MULTIPLEXING);
  return canMultiplex ? multiplexed(session, options.payloadSize) : single(session);
}

function multiplexed({ channel, facts }: OpenedSession, payloadSize: number | undefined): PortSession {
  let announced = 0;
  let refusals = 0;
  let isOver = false;
  const mux = new MuxClient({
    pipe: {
      write: (parts) => channel.write(parts),
      setReading: (isReading) => channel.setReading(isReading),
    },
    payloadSize,
    keepalive: isAtLeast(LAST_WITH_KEEPALIVE, facts.agentVersion) ? KEEPALIVE_EVERY : undefined,
    // The agent's flag names no connection; the one that ends right after it without a byte is meant.
    refusal() {
      if (announced === 0) return null;
      announced--;
      return destinationRefused();
    },
  });
  channel.onDrain = () => mux.drained();
  channel.setSink((payloadType, payload) => {
    if (payloadType === PAYLOAD.output) {
      if (announced === 0) refusals = 0;
      mux.feed(payload);
    } else if (isConnectError(payloadType, payload)) {
      announced++;
      refusals++;
    }
  });
  void channel.closed.then((end) => {
    isOver = true;
    mux.close(endError(end));
  });
  return {
    sessionId: channel.sessionId,
    mode: 'multiplexed',
    closed: channel.closed,
    get load() {
      return mux.streamCount;
    },
    get canConnect() {
      return !isOver && !mux.isBlocked;
    },
    get refusals() {
      return refusals;
    },
    get counts() {
      return channel.counts;
    },
    connect: () => mux.connect(),
    async close() {
      mux.flush();
      await channel.terminate();
    },
  };
}

function single({ channel }: OpenedSession): PortSession {
  const stream = new RawStream(channel);
  let isTaken = false;
  let isOver = false;
  let refusals = 0;
  channel.setSink((payloadType, payload) => {
    if (payloadType === PAYLOAD.output) stream.receive(payload);
    else if (isConnectError(payloadType, payload)) {
      refusals++;
      stream.destroy(destinationRefused());
    }
  });
  // The next connection gets a session of its own: a server that speaks first would wait for ever on this one.
  stream.once('finish', () => void channel.terminate());
  stream.once('close', () => void channel.terminate());
  stream.on('error', () => {});
  void channel.closed.then(() => {
    isOver = true;
  });
  return {
    sessionId: channel.sessionId,
    mode: 'single',
    closed: channel.closed,
    get load() {
      return isTaken && !isOver ? 1 : 0;
    },
    get canConnect() {
      return !isTaken && !isOver;
    },
    get refusals() {
      return refusals;
    },
    get counts() {
      return channel.counts;
    },
    connect() {
      isTaken = true;
      return stream;
    },
    close: () => channel.terminate(),
  };
}

function isConnectError(payloadType: number, payload: Buffer): boolean {
  return (
    payloadType === PAYLOAD.flag && payload.length >= 4 && payload.readUInt32BE(0) === FLAG.connectToPortError
  );
}

function destinationRefused(): RocError {
  return new RocError('ROC_UNREACHABLE', 'the instance could not connect to the destination', {
    hint: 'Check that the host and port answer from the instance: security groups, DNS, and whether the service runs.',
  });
}
