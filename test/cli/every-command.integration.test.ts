/** What every command promises when it runs: refusals, exit codes, JSON, help. The built roc, command by command. */
import { homedir } from 'node:os';
import { Config } from '@oclif/core';
import { Help } from '@oclif/core/help';
import { describe, it } from 'vitest';
import { manifestCommands } from '../helpers/manifest.js';
import { projectRoot } from '../helpers/project.js';
import { runRoc } from '../helpers/roc.js';

const commands = manifestCommands().map((command) => [command.id.split(':').join(' '), command] as const);
const LEAKS = [homedir(), projectRoot, 'package.json', '"argv"', 'node_modules', '    at '];

describe.concurrent.each(commands)('roc %s', (words, command) => {
  it('refuses an unknown flag: exit 2, one JSON object on stdout, nothing else anywhere', async ({
    expect,
  }) => {
    const args = Object.values(command.args).map(() => 'x');
    const result = await runRoc([...words.split(' '), ...args, '--bogus', '--json']);
    expect(result).toMatchObject({ exitCode: 2, stderr: '' });
    expect(result.json()).toEqual({
      error: {
        code: expect.stringMatching(/^ROC_[A-Z_]+$/),
        message: expect.stringMatching(/\S/),
        hint: expect.any(String),
      },
    });
    expect(LEAKS.filter((leak) => result.stdout.includes(leak))).toEqual([]);
  });

  it('refuses it in words on stderr without --json', async ({ expect }) => {
    const result = await runRoc([...words.split(' '), '--bogus']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/^error: .+\n {2}next: .+\n$/);
    expect(LEAKS.filter((leak) => result.stderr.includes(leak))).toEqual([]);
  });

  it("shows the same help as oclif's own launcher would", async ({ expect }) => {
    const { exitCode, stdout, stderr } = await runRoc([...words.split(' '), '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(command.summary ?? 'no summary');
    expect(stdout).toBe(await helpOfOclif(command.id));
  });
});

// oclif's loader, configuration and help as they come, on the same manifest.
async function helpOfOclif(id: string): Promise<string> {
  const config = await Config.load({ root: projectRoot, devPlugins: false, userPlugins: false });
  const lines: string[] = [];
  class Captured extends Help {
    protected override log(...args: string[]): void {
      lines.push(`${args.join(' ')}\n`);
    }
  }
  await new Captured(config, { stripAnsi: true, maxWidth: 80 }).showHelp([id]);
  return lines.join('');
}
