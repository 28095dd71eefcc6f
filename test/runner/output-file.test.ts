import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_OUTPUT_BYTES, readOutputFile } from '../../src/runner/output-file.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('output');

describe('the output file', () => {
  it.each<[string, string | Buffer, unknown]>([
    ['JSON', '{"a":[1,null]}', { kind: 'value', value: { a: [1, null] } }],
    ['null', 'null', { kind: 'value', value: null }],
    ['nothing in it', ' \n', { kind: 'none' }],
    ['no JSON', '{a:1}', { kind: 'invalid', problem: expect.stringMatching(/is not JSON$/) }],
    ['two values', '1 2', { kind: 'invalid', problem: expect.stringMatching(/is not JSON$/) }],
    [
      'deep nests',
      `${'['.repeat(5000)}${']'.repeat(5000)}`,
      { kind: 'invalid', problem: expect.stringMatching(/200 levels$/) },
    ],
    [
      'too much',
      Buffer.alloc(MAX_OUTPUT_BYTES + 1, '1'),
      { kind: 'invalid', problem: expect.stringMatching(/at most 1048576/) },
    ],
  ])('with %s', async (_, content, expected) => {
    const file = join(newDir(), 'output.json');
    writeFileSync(file, content);
    expect(await readOutputFile(file)).toEqual(expected);
  });

  it('may be missing', async () => {
    expect(await readOutputFile(join(newDir(), 'output.json'))).toEqual({ kind: 'none' });
  });

  it('must not be a link, also not to a file that could be read', async () => {
    const dir = newDir();
    writeFileSync(join(dir, 'secret'), '"secret"');
    symlinkSync(join(dir, 'secret'), join(dir, 'output.json'));
    expect(await readOutputFile(join(dir, 'output.json'))).toMatchObject({ kind: 'invalid' });
  });

  it('must not be a folder', async () => {
    const file = join(newDir(), 'output.json');
    mkdirSync(file);
    expect(await readOutputFile(file)).toMatchObject({ kind: 'invalid' });
  });

  it.skipIf(process.platform === 'win32')('must not be a pipe that nobody writes to', async () => {
    const file = join(newDir(), 'output.json');
    execFileSync('mkfifo', [file], { timeout: 15_000, killSignal: 'SIGKILL' });
    expect(await readOutputFile(file)).toMatchObject({ kind: 'invalid' });
  });
});
