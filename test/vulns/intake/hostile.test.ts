import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { report } from '../run-report.js';
import { ARN, ecrEnhanced, inspectorFinding } from '../samples.js';

const record = (n: number) =>
  JSON.stringify(inspectorFinding({ cve: `CVE-2024-100${n}`, arn: `${ARN.slice(0, -1)}${n}` }));
const three = [1, 2, 3].map(record);

describe('an input cut off at any byte', () => {
  const shapes: Record<string, string> = {
    array: `[${three.join(',')}]`,
    'JSON Lines': three.map((line) => `${line}\n`).join(''),
    'wrapped list': `{"findings":[${three.join(',')}]}`,
    'objects in a row': three.join(''),
    'ECR reply': JSON.stringify(ecrEnhanced()),
  };
  it.each(Object.entries(shapes))(
    'gives what was whole before the cut and says that it is cut: %s',
    async (name, text) => {
      const whole = (await report({ 'f.json': text })).summary.total;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: text.length - 3 }), async (cut) => {
          // A second input: of one alone that gives nothing the run ends with an error.
          const made = await report({ 'f.json': text.slice(0, cut), 'g.json': record(9) });
          const complete =
            name === 'ECR reply' ? 0 : three.filter((one) => text.indexOf(one) + one.length <= cut).length;
          expect(made.summary.total - 1).toBeGreaterThanOrEqual(complete);
          expect(made.summary.total - 1).toBeLessThanOrEqual(whole);
          const isBetweenRecords = made.summary.total - 1 === complete && made.intake.skipped === 0;
          // A cut exactly between two lines or objects leaves a shorter input that is whole.
          if (isBetweenRecords) expect(['JSON Lines', 'objects in a row', 'array']).toContain(name);
          for (const problem of made.intake.examples) expect(problem.offset).toBeLessThanOrEqual(cut);
        }),
        { numRuns: 25 },
      );
    },
  );
});

describe('names that attack prototypes', () => {
  it.each([
    ['__proto__', '"__proto__":{"severity":"LOW"},'],
    ['an escaped __proto__', '"\\u005f_proto__":{"severity":"LOW"},'],
    ['constructor', '"__proto__":1,"constructor":{"prototype":{"polluted":true}},'],
  ])('%s is reported, ignored, and pollutes nothing', async (_, member) => {
    const made = await report({ 'f.json': record(1).replace('{', `{${member}`) });
    expect(made.intake.problems).toMatchObject({ 'forbidden-keys': 1 });
    expect(made.findings).toMatchObject([{ severity: 'critical' }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['severity']).toBeUndefined();
  });

  it('takes a tag of that name for a tag', async () => {
    const text = record(1).replace('"type":"AWS_ECR', '"tags":{"__proto__":"x"},"type":"AWS_ECR');
    expect((await report({ 'f.json': text })).summary.total).toBe(1);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

describe('encodings', () => {
  const text = `${three.join('\n')}\n`;
  const wide = Buffer.from(text, 'utf16le');
  it.each<[string, Buffer]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16LE without', wide],
    ['UTF-16BE with a mark', Buffer.from(Buffer.from(`\ufeff${text}`, 'utf16le')).swap16()],
    ['gzip', gzipSync(text)],
    ['gzip members in a row', Buffer.concat(three.map((line) => gzipSync(`${line}\n`)))],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['CR CRLF and blank lines', Buffer.from(text.replaceAll('\n', '\r\n\r\n \t\n'))],
    ['Latin-1 in a text', Buffer.from(text.replace('sample', 'Pe\u00f1a'), 'latin1')],
  ])('%s', async (_, bytes) => {
    expect((await report({ 'f.json': bytes })).summary.total).toBe(3);
  });

  it('counts each record of another encoding, and keeps it', async () => {
    const made = await report({ 'f.json': Buffer.from(text.replaceAll('sample', 'Pe\u00f1a'), 'latin1') });
    expect(made.intake.problems).toEqual({ encoding: 3 });
    expect(made.intake.skipped).toBe(0);
  });
});

it('reads a gzip that unpacks to a thousand times its size a piece at a time', async () => {
  const bomb = gzipSync(`${record(1)}\n${' '.repeat(64 * 1024 * 1024)}\n${record(2)}\n`);
  expect(bomb.length).toBeLessThan(200_000);
  const made = await report({ 'f.json.gz': bomb });
  expect(made.summary.total).toBe(2);
});
