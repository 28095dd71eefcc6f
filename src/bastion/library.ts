/** The room as a library: sessions, tunnels and commands for a program, in types of roc's own. */
import type { AwsTarget } from '../kernel/aws.js';
import type { Log } from '../kernel/log.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import { awsAccess } from './aws/clients.js';
import { createSessionApi } from './aws/session-api.js';
import { runCommand } from './exec/run-command.js';
import { tunnelPort } from './tunnel.js';

export interface BastionOptions extends AwsTarget {
  /** The instance that tunnels go through where a request names none. */
  readonly bastion?: string | undefined;
  readonly log?: Log | undefined;
}

export interface Bastion {
  /** A tunnel to a host and port behind an instance. */
  readonly openTunnel: OpenTunnel;
  /** Runs a command line on an instance; resolves with its exit code. */
  run(options: {
    readonly target: string;
    readonly command: string;
    readonly windows?: boolean;
    readonly stdout?: (bytes: Uint8Array) => void;
    readonly stderr?: (bytes: Uint8Array) => void;
    readonly signal?: AbortSignal;
  }): Promise<number>;
}

/** @example const tunnel = await createBastion({ region: 'eu-west-1' }).openTunnel({ target, host, port, signal }); */
export function createBastion(options: BastionOptions): Bastion {
  const api = createSessionApi(awsAccess(options));
  return {
    openTunnel: tunnelPort(api, options.bastion ?? null, options.log),
    run: ({ target, command, windows = false, stdout = () => {}, stderr = () => {}, signal }) =>
      runCommand({
        api,
        target,
        words: [command],
        platform: windows ? 'windows' : 'posix',
        stdout,
        stderr,
        signal,
        log: options.log,
      }),
  };
}
