import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { RocError } from '../../src/kernel/errors.js';
import { readPolicyFile } from '../../src/kernel/policy-file.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const dir = makeTempDir('policy-file');
afterAll(() => removeDir(dir));
const schema = z.strictObject({ version: z.literal(1), days: z.int().default(7) });
const file = join(dir, 'team.yaml');

it('gives the policy, its file and the hash of its bytes', async () => {
  const text = '# ours\nversion: 1\n';
  await writeFile(file, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(await readPolicyFile(file, schema)).toEqual({ policy: { version: 1, days: 7 }, file, sha256 });
});

it.each([
  ['version: 1\ndays: [\n', /team\.yaml:\d+: /],
  ['version: 1\ndays: often\n', /days/],
  ['version: 1\nyears: 1\n', /years/],
])('refuses %j, and says where', async (text, message) => {
  await writeFile(file, text);
  const refused = await readPolicyFile(file, schema).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'ROC_POLICY_INVALID' });
  const { message: problem, hint } = refused as RocError;
  expect(`${problem} ${hint}`).toMatch(message);
  expect(`${problem} ${hint}`).toContain('team.yaml');
});

it('says which file is not there', async () => {
  await expect(readPolicyFile(join(dir, 'none.yaml'), schema)).rejects.toMatchObject({
    code: 'ROC_NOT_FOUND',
    message: expect.stringContaining('none.yaml'),
  });
});
