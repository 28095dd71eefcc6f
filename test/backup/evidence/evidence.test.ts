/** Evidence: written once, chained, signed; any byte that is forged afterwards is found offline. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../../src/backup/evidence/folder.js';
import { isSignedBy, localSigner, messageOf } from '../../../src/backup/evidence/signer.js';
import { readPublicKey, verifyEvidence } from '../../../src/backup/evidence/verify.js';
import { isRocError } from '../../../src/kernel/errors.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { sampleInput } from './sample.js';

describe('evidence', () => {
  const root = makeTempDir('evidence');
  afterAll(() => removeDir(root));
  let count = 0;
  const folder = () => join(root, `f${count++}`);
  const keyFile = join(root, 'keys', 'evidence.pem');

  it('is signed, chained, and passes with the key that signed it', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const first = await writeEvidence(dir, sampleInput(), signer);
    const second = await writeEvidence(dir, sampleInput({ run: 'run-0002' }), signer);
    const key = await readPublicKey(`${keyFile}.pub`);
    expect((await verifyEvidence(first.file, key)).verdict).toBe('pass');
    const verdict = await verifyEvidence(second.file, key);
    expect(verdict).toMatchObject({ verdict: 'pass', run: 'run-0002', sha256: second.sha256 });
    expect(verdict.findings.find(({ id }) => id === 'chain')?.why).toBe('follows report 1');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });

  it('is not written again for the same run', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const first = await writeEvidence(dir, sampleInput(), signer);
    rmSync(first.file.replace(/json$/, 'html'));
    expect(await writeEvidence(dir, sampleInput({ verdict: 'fail' }), signer)).toEqual(first);
    expect(readFileSync(first.file.replace(/json$/, 'html'), 'utf8')).toContain(first.sha256);
  });

  it('numbers runs that end at once one after the other', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const runs = Array.from({ length: 6 }, (_, i) =>
      writeEvidence(dir, sampleInput({ run: `run-${i}` }), signer),
    );
    const files = (await Promise.all(runs)).map(({ file }) => file).sort();
    expect(new Set(files).size).toBe(6);
    const key = await readPublicKey(`${keyFile}.pub`);
    for (const file of files) expect((await verifyEvidence(file, key)).verdict).toBe('pass');
  });

  it('is refused, not tried for ever, where a file was copied to a number that is not its own', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const first = await writeEvidence(dir, sampleInput(), signer);
    await writeEvidence(dir, sampleInput({ run: 'run-0002' }), signer);
    copyFileSync(first.file, join(dir, 'evidence-000009.json'));
    await expect(writeEvidence(dir, sampleInput({ run: 'run-0003' }), signer)).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
      message: expect.stringContaining('evidence-000002.json'),
    });
  });

  it('finds every single byte that was changed', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const { file } = await writeEvidence(dir, sampleInput(), signer);
    const key = await readPublicKey(`${keyFile}.pub`);
    const whole = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const forged = Buffer.from(whole);
        forged[at] = (forged[at] ?? 0) ^ flip;
        writeFileSync(file, forged);
        expect(await verdictOf(file, key)).not.toBe('pass');
      }),
      { numRuns: process.env['ROC_TEST_SIZE'] === 'long' ? 5000 : 300 },
    );
    writeFileSync(file, whole);
    expect(await verdictOf(file, key)).toBe('pass');
  });

  it.each<[string, (text: string) => string]>([
    ['white space', (text) => text.replace('{', '{ ')],
    [
      'a second member of the same name',
      (text) => text.replace('"verdict":"pass"}', '"verdict":"fail","verdict":"pass"}'),
    ],
    [
      'another order',
      (text) =>
        text
          .replace('"kind":"roc-backup-evidence","report"', '"report"')
          .replace(/,"version":1}$/, ',"kind":"roc-backup-evidence","version":1}'),
    ],
  ])('is refused with %s, though it says the same', async (_name, forge) => {
    const dir = folder();
    const { file } = await writeEvidence(dir, sampleInput(), await localSigner(keyFile));
    const text = readFileSync(file, 'utf8');
    expect(forge(text)).not.toBe(text);
    writeFileSync(file, forge(text));
    expect(await verdictOf(file, await readPublicKey(`${keyFile}.pub`))).not.toBe('pass');
  });

  it('is refused where it was signed anew by somebody else, and proves nothing without a trusted key', async () => {
    const dir = folder();
    const { file } = await writeEvidence(
      dir,
      sampleInput(),
      await localSigner(join(root, 'keys', 'thief.pem')),
    );
    expect((await verifyEvidence(file, await readPublicKey(`${keyFile}.pub`))).verdict).toBe('fail');
    expect((await verifyEvidence(file, null)).verdict).toBe('inconclusive');
  });

  it('misses a report that was taken out of the chain, or put in another place', async () => {
    const dir = folder();
    const signer = await localSigner(keyFile);
    const refs = [];
    for (const run of ['a', 'b', 'c'])
      refs.push(await writeEvidence(dir, sampleInput({ run: `run-${run}` }), signer));
    const key = await readPublicKey(`${keyFile}.pub`);
    const [first, second, third] = refs.map(({ file }) => file) as [string, string, string];
    const saved = readFileSync(second);
    writeFileSync(second, readFileSync(first));
    expect(await verdictOf(third, key)).toBe('fail');
    expect(await verdictOf(second, key)).toBe('fail');
    rmSync(second);
    expect(await verdictOf(third, key)).toBe('inconclusive');
    writeFileSync(second, saved);
    expect(await verdictOf(third, key)).toBe('pass');
  });

  it('does not take a key of another kind for one that fits', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signature = { algorithm: 'ecdsa-p256-sha256' as const, keyId: 'k', publicKey: '', value: 'AAAA' };
    expect(isSignedBy(publicKey, messageOf({}), signature)).toBe(false);
  });

  it('shows hostile names as text in both pages, and hides no failure', async () => {
    const dir = folder();
    const evil = '<script>alert(1)</script>|`x`\u202e[a](javascript:b)';
    const input = sampleInput({
      verdict: 'fail',
      asset: { id: evil, type: 'rds-mysql', source: evil, region: 'x' },
      checks: [
        {
          id: evil,
          verdict: 'fail',
          expected: evil,
          actual: evil,
          seconds: 1,
          critical: true,
          details: {
            damaged: [
              {
                chunk: 5,
                range: evil,
                expected: { rows: 1, digest: 'aa' },
                actual: { rows: 0, digest: 'bb' },
              },
            ],
          },
        },
      ],
    });
    const { file } = await writeEvidence(dir, input, await localSigner(keyFile));
    const html = readFileSync(file.replace(/json$/, 'html'), 'utf8');
    expect(html).not.toMatch(/<script|\u202e|javascript:b\)"/);
    expect(html).toContain('chunk 5');
    expect(html).toContain("default-src 'none'");
    const markdown = readFileSync(file.replace(/json$/, 'md'), 'utf8');
    expect(markdown).not.toMatch(/(?<!\\)<script|(?<!\\)\]\(javascript|\u202e/);
    expect(markdown).toContain('Not restorable as required');
  });

  async function verdictOf(file: string, key: Awaited<ReturnType<typeof readPublicKey>>): Promise<string> {
    try {
      return (await verifyEvidence(file, key)).verdict;
    } catch (error) {
      if (isRocError(error)) return error.code;
      throw error;
    }
  }
});
