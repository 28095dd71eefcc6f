/** From argv to a command: routes by the index, runs, flushes, leaves with the exit code. */
import type { Interfaces } from '@oclif/core';
import { cliConfig, type LoadModule, loadCommand, readStartIndex } from './cli-config.js';
import { printError, wantsJson } from './error-report.js';
import { route } from './route.js';

export function launch(root: string, load: LoadModule): void {
  const argv = process.argv.slice(2);
  // `roc … | head -1` closes the pipe early: what is not wanted any more is no fault.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  // What nobody awaited: reported like any other fault, without a stack trace.
  process.on('uncaughtException', (error) => {
    printError(error, { json: wantsJson(argv) });
    void leave();
  });
  void main(root, load, argv).then(leave);
}

async function main(root: string, load: LoadModule, argv: readonly string[]): Promise<void> {
  try {
    const index = readStartIndex(root);
    const asked = route(argv, index.commands);
    const config = cliConfig(root, index, load);
    if (asked.kind === 'help') await help(asked.id, config);
    else await loadCommand(root, index, asked.id, load).run([...asked.argv], config);
  } catch (error) {
    printError(error, { json: wantsJson(argv) });
  }
}

async function help(id: string | null, config: Interfaces.Config): Promise<void> {
  if (id === null) {
    const { rootHelp } = await import('./root-help.js');
    process.stdout.write(rootHelp(config));
    return;
  }
  const { Help } = await import('@oclif/core/help');
  // oclif shows a topic of a topic only where the list of topics itself has something beneath it.
  const beneath = config.commandIDs.filter((name) => name.split(':').length > 2).map((name) => ({ name }));
  const topics = [...config.topics, ...beneath];
  await new Help({ ...config, topics } as Interfaces.Config).showHelp([id]);
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
