/** Questions on a real terminal, and where there is none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { runInTerminal, type TerminalStep } from '../helpers/terminal.js';

let dir: string;
let asker: string;
beforeAll(async () => {
  dir = makeTempDir('prompts');
  asker = join(dir, 'asker.mjs');
  const entry = join(dir, 'asker.ts');
  writeFileSync(entry, ASKER.replace('PROMPTS', projectPath('src/cli/prompts.ts')));
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    logLevel: 'warn',
  });
  await bundle.write({ file: asker, format: 'esm', codeSplitting: false });
  await bundle.close();
});
afterAll(() => removeDir(dir));

// Ends with the exit code that a command would, and says on stdout what was answered.
const ASKER = `
import { askPassword, confirm } from 'PROMPTS';
const [kind, question, ...rest] = process.argv.slice(2);
try {
  const answer = kind === 'confirm' ? await confirm(question, { yes: rest[0] === '--yes' }) : await askPassword(question);
  process.stdout.write('answered ' + JSON.stringify(answer ?? null) + '\\n');
} catch (error) {
  process.stdout.write(error.code + '\\n');
  process.exitCode = error.exitCode;
}
`;

describeWith('python3', 'on a terminal', () => {
  const ask = (args: string[], ...steps: TerminalStep[]) =>
    runInTerminal([process.execPath, asker, ...args], steps);

  it.each([
    ['y', 0, 'answered null'],
    ['n', 4, 'ROC_REFUSED'],
    ['\r', 4, 'ROC_REFUSED'],
    ['\u0003', 130, 'ROC_INTERRUPTED'],
    ['\u001b', 130, 'ROC_INTERRUPTED'],
  ])('the answer %j to a question ends with %i', async (type, exitCode, said) => {
    const result = await ask(['confirm', 'Delete it all?'], { see: 'Delete it all?', type });
    expect({ exitCode: result.exitCode, said: result.screen.includes(said) }).toEqual({
      exitCode,
      said: true,
    });
  });

  it('a password does not appear, and comes as it was typed', async () => {
    const result = await ask(['password', 'Password'], { see: 'Password', type: 'corr"ect h\u00f6rse\r' });
    expect(result.exitCode).toBe(0);
    const [before = '', after = ''] = result.screen.split('answered ');
    expect(before).not.toMatch(/corr|rse/);
    expect(JSON.parse(after)).toBe('corr"ect h\u00f6rse');
  });

  it('Ctrl-C instead of a password ends with 130', async () => {
    const result = await ask(['password', 'Password'], { see: 'Password', type: '\u0003' });
    expect(result).toMatchObject({ exitCode: 130, screen: expect.stringContaining('ROC_INTERRUPTED') });
  });

  it('a name from outside in a question cannot clear the screen', async () => {
    const result = await ask(['confirm', 'Delete a\u001b[2J\u0007b?'], { see: 'b?', type: 'n' });
    expect(result.screen).not.toMatch(new RegExp(`${'\u001b'}\\[2J|\u0007`));
  });
});

describe('without a terminal', () => {
  it.each([['confirm'], ['password']])('a %s is refused at once, with what to pass instead', async (kind) => {
    const program = startProgram(process.execPath, [asker, kind, 'Sure?'], { input: 'y\n' });
    expect(await program.ended).toEqual({ exitCode: 4, signal: null });
    expect(program.stdout()).toBe('ROC_REFUSED\n');
  });

  it('--yes answers ahead', async () => {
    const program = startProgram(process.execPath, [asker, 'confirm', 'Sure?', '--yes']);
    expect(await program.ended).toEqual({ exitCode: 0, signal: null });
  });
});
