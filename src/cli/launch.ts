/** From argv to a command: loads oclif's config by the package root, runs, flushes, leaves with the exit code. */
import { Config, Errors, run } from '@oclif/core';
import { errorReport, errorText } from './error-report.js';
import { unknownCommand } from './unknown-command.js';

export function launch(root: string): void {
  void main(root, process.argv.slice(2)).then(leave);
}

async function main(root: string, rawArgv: string[]): Promise<void> {
  const argv = rawArgv[0] === 'help' ? [...rawArgv.slice(1), '--help'] : rawArgv;
  try {
    const config = await Config.load({ root, devPlugins: false, userPlugins: false });
    const unknown = unknownCommand(argv, config);
    if (unknown !== null) throw unknown;
    await run(argv, config);
  } catch (error) {
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? 0;
      return;
    }
    const report = errorReport(error);
    process.exitCode = report.exitCode;
    if (argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ error: report.error }, null, 2)}\n`);
    else process.stderr.write(errorText(report));
  }
}

// A pipe takes what was written only later: leaving at once would cut a long JSON answer short.
async function leave(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(drained));
  process.exit();
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
