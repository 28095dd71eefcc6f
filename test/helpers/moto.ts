/** moto_server, a third-party emulator of AWS, on a free port of its own. */
import { freePort } from './free-port.js';
import { startProgram } from './program.js';
import { findProgram } from './programs.js';
import { until } from './until.js';

export interface Moto {
  readonly url: string;
  /** What a child process or an SDK client needs to talk to it and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Forgets everything that was made in it. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts moto_server, or uses the one that ROC_TEST_AWS_URL names. */
export async function startMoto(region = 'us-east-1'): Promise<Moto> {
  const given = process.env['ROC_TEST_AWS_URL'];
  if (given) return handle(given.replace(/\/$/, ''), region, async () => {});
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const program = startProgram(findProgram('moto_server') ?? 'moto_server', [
      '-H',
      '127.0.0.1',
      '-p',
      `${port}`,
    ]);
    try {
      await Promise.race([
        until('moto_server answers', async () => (await fetch(`${url}/moto-api/`)).ok, { timeoutMs: 60_000 }),
        program.ended.then((end) => {
          throw new TypeError(`moto_server ended with ${end.signal ?? end.exitCode}:\n${program.stderr()}`);
        }),
      ]);
      return handle(url, region, async () => void (await program.stop()));
    } catch (error) {
      await program.stop('SIGKILL').catch(() => {});
      if (attempt === 3 || !/in use/.test(program.stderr())) throw error;
    }
  }
}

function handle(url: string, region: string, stop: () => Promise<void>): Moto {
  return {
    url,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    reset: async () => {
      const answer = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new TypeError(`moto_server did not reset: ${answer.status}`);
    },
    stop,
  };
}
