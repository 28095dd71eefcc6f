import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeWith } from '../../helpers/parts.js';
import { findProgram } from '../../helpers/programs.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { PROFILE_NAMES, synthesisFor } from '../samples.js';

const REGIONS = ['us-east-1', 'eu-west-1', 'sa-east-1'];

describeWith('cfn-lint', 'cfn-lint', () => {
  test.each(REGIONS)(
    'finds no error and no warning in any profile for %s',
    async (region) => {
      const dir = makeTempDir('cfn-lint');
      try {
        const files = await Promise.all(
          PROFILE_NAMES.map(async (profile) => {
            const file = join(dir, `${profile}.json`);
            writeFileSync(file, (await synthesisFor(profile, region)).body);
            return file;
          }),
        );
        expect(await lint(files, region)).toEqual([]);
      } finally {
        removeDir(dir);
      }
    },
    180_000,
  );

  test('would have found a fault', async () => {
    const dir = makeTempDir('cfn-lint');
    try {
      const file = join(dir, 'template.json');
      const { body } = await synthesisFor('prod', 'eu-west-1');
      writeFileSync(file, body.replace('"StorageEncrypted":true', '"StorageEncripted":true'));
      expect((await lint([file], 'eu-west-1')).join()).toContain('StorageEncripted');
    } finally {
      removeDir(dir);
    }
  }, 120_000);
});

/** Ends with 2 and more when it has found something. */
async function lint(files: readonly string[], region: string): Promise<string[]> {
  const args = ['--regions', region, '--format', 'json', '--template', ...files];
  const { stdout } = await promisify(execFile)(findProgram('cfn-lint') ?? '', args, {
    maxBuffer: 64e6,
  }).catch((error: { stdout: string }) => error);
  const found = JSON.parse(stdout || '[]') as { Rule: { Id: string }; Message: string }[];
  return found.map(({ Rule, Message }) => `${Rule.Id} ${Message}`);
}
