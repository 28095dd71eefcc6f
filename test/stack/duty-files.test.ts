import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDutyFiles } from '../../src/stack/duty-files.js';
import { synthesise } from '../../src/stack/synthesise.js';
import { projectPath } from '../helpers/project.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { configOf, factsOf, VERSION } from './samples.js';

const POLICY =
  'version: 1\npolicy: { id: X }\nassets:\n  - { id: shop, type: rds-mysql }\n  - { id: files, type: s3 }\n';

/** Reads what `ops` names, beside these files. */
function read(ops: object, files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  return withTempDir((dir) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    const config = { file: join(dir, 'roc.yaml') };
    return readDutyFiles(configOf('prod', { ops }), { config, packageRoot: projectPath('.') });
  });
}

describe('what the duties are told', () => {
  test("without a setting the shipped policy's assets are drilled", async () => {
    expect(await read({}, {})).toEqual({ drills: 'rds-mysql roc-database\ns3 robots\n' });
  });

  test('a policy of their own, and which of its assets', async () => {
    const files = { 'policies/backup.yaml': POLICY };
    const policy = 'policies/backup.yaml';
    expect(await read({ backup: { policy } }, files)).toEqual({
      'backup.yaml': POLICY,
      drills: 'rds-mysql shop\ns3 files\n',
    });
    const chosen = await read({ backup: { policy, verify: ['files'] } }, files);
    expect(chosen['drills']).toBe('s3 files\n');
  });

  test.each([
    ['a file that is not there', { vulns: { policy: 'none.yaml' } }, {}, /none\.yaml cannot be read/],
    [
      'what a parameter cannot carry',
      { vulns: { policy: 'a.yaml' } },
      { 'a.yaml': 'x: "{{y}}"' },
      /holds "\{\{"/,
    ],
    [
      'two of one name',
      { vulns: { policy: 'a.yaml', assets: 'b/a.yaml' } },
      { 'a.yaml': 'x', 'b/a.yaml': 'y' },
      /two files/,
    ],
    ['too much', { vulns: { policy: 'a.yaml' } }, { 'a.yaml': 'x'.repeat(70_000) }, /70000 bytes/],
    ['an asset that is none', { backup: { verify: ['tape'] } }, {}, /no asset tape/],
  ])('%s is refused', async (_what, ops, files, message) => {
    await expect(read(ops, files as Record<string, string>)).rejects.toMatchObject({
      code: 'ROC_CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a file larger than a parameter travels in parts, cut between characters', async () => {
    const text = `# ${'ñandú '.repeat(3000)}\n`;
    const facts = { ...factsOf(), files: { drills: '', 'vulns.yaml': text } };
    const { blueprint } = await synthesise({ config: configOf('prod'), facts, version: VERSION });
    const parts = Object.entries(blueprint.template.Resources)
      .filter(([id]) => id.startsWith('DutiesVulnsYaml'))
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([, { Properties }]) => String(Properties?.['Value']));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(8192);
    expect(parts.join('')).toBe(text);
  });
});
