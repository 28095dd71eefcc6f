/** The port through which a room reaches a private host; the bastion room fills it in from commands/. */
import type { Duplex } from 'node:stream';

export interface TunnelRequest {
  /** Instance to go through; the stack's bastion when absent. */
  readonly target?: string;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

export interface Tunnel {
  /** One connection to host:port. Who verifies TLS does so on this stream, with servername = the real endpoint. */
  connect(): Promise<Duplex>;
  close(): Promise<void>;
  readonly sessionId: string;
}

export type OpenTunnel = (request: TunnelRequest) => Promise<Tunnel>;
