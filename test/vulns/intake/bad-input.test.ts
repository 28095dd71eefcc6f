import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { report } from '../run-report.js';
import { ARN, inspectorFinding } from '../samples.js';

const good = (n: number) => JSON.stringify(inspectorFinding({ cve: `CVE-2024-10${n}`, arn: `${ARN}${n}` }));

describe('bad input is counted with its place and the rest is read', () => {
  it.each([
    [
      'a line cut in the middle',
      `${good(10)}\n{"findingArn": "x", "titl\n${good(11)}\n`,
      2,
      { malformed: 1 },
    ],
    ['an array that ends early', `[${good(10)},${good(11)},{"findingArn":"arn:x`, 2, { truncated: 1 }],
    [
      'a wrapped list that ends early',
      `{"findings":[${good(10)},${good(11)},{"findingArn":"ar`,
      2,
      { truncated: 1 },
    ],
    [
      'prose between records',
      `${good(10)}\nthere were 2 more, true or not\n${good(11)}`,
      2,
      { malformed: 1 },
    ],
    ['null findings', `[null,${good(10)},null]`, 1, { 'null-record': 2 }],
    ['a number among findings', `[${good(10)},42]`, 1, { malformed: 1 }],
    ['an unknown document', `[${good(10)},{"hello":"world"}]`, 1, { 'unknown-format': 1 }],
    ['an unknown severity', good(10).replace('"CRITICAL"', '"DIRE"'), 1, { 'unknown-severity': 1 }],
    [
      'a finding without resource',
      good(10).replace(/"resources":\[.*\]/, '"resources":[]'),
      0,
      { 'incomplete-record': 1 },
    ],
    [
      'a duplicate member',
      good(10).replace('"severity"', '"severity":"LOW","severity"'),
      1,
      { 'duplicate-keys': 1 },
    ],
    ['a date that is none', good(10).replace('2025-05-01T00:00:00.000Z', 'yesterday'), 1, { 'bad-date': 1 }],
    ['objects in a row', good(10) + good(11), 2, {}],
    ['a byte order mark', `\ufeff[${good(10)}]`, 1, {}],
    [
      'an EventBridge event',
      `{"detail-type":"Inspector2 Finding","source":"aws.inspector2","detail":${good(10)}}`,
      1,
      {},
    ],
  ])('%s', async (_, text, total, problems) => {
    const made = await report({ 'f.json': text });
    expect(made.summary.total).toBe(total);
    expect(made.intake.problems).toEqual(problems);
  });

  it.each([
    ['an empty file', ''],
    ['an error instead of a report', '{"error":"rate limited"}'],
    ['a page of HTML', '<html><body>502</body></html>'],
    ['a list that was cut before its first record', '{"findings":['],
  ])('%s alone is no clean report', async (_, text) => {
    await expect(report({ 'f.json': text })).rejects.toMatchObject({ code: 'ROC_INVALID_INPUT' });
    // Beside others it is told, and the others are read.
    const made = await report({ 'f.json': text, 'g.json': `[${good(10)}]` });
    expect(made.summary.total).toBe(1);
    expect(made.intake.skipped).toBe(1);
  });

  it('an empty standard input is no clean report either', async () => {
    const stdin = Readable.from([]);
    await expect(report({}, { inputs: ['-'], stdin })).rejects.toMatchObject({
      message: expect.stringContaining('stdin at byte 0: the input is empty'),
    });
  });

  it.each(['[]', '{"findings":[]}', '[null]'])('%s is: nothing was found', async (text) => {
    expect((await report({ 'f.json': text })).summary.total).toBe(0);
  });

  it('says file and offset', async () => {
    const made = await report({ 'f.jsonl': `${good(10)}\nnot json\n${good(11)}\n` });
    expect(made.intake.examples).toMatchObject([
      { file: 'f.jsonl', offset: good(10).length + 1, kind: 'malformed', skipped: true },
    ]);
  });

  it('reads UTF-16 and gzip, and what is left of a damaged archive', async () => {
    const utf16 = Buffer.from(`\ufeff[${good(10)}]`, 'utf16le');
    const zip = gzipSync(`${good(11)}\n${good(12)}\n`);
    const made = await report({
      'a.json': utf16,
      'b.json.gz': zip,
      'c.json.gz': zip.subarray(0, zip.length - 12),
    });
    expect(made.summary.total).toBe(3);
    expect(made.intake.problems).toMatchObject({ unreadable: 1 });
  });

  it('keeps a finding whose text is not valid UTF-8', async () => {
    const bytes = Buffer.from(good(10));
    bytes[bytes.indexOf('sample')] = 0xff;
    const made = await report({ 'f.json': bytes });
    expect(made.summary.total).toBe(1);
    expect(made.intake.problems).toEqual({ encoding: 1 });
  });

  it('passes over one record of 20 MB and reads its neighbours', async () => {
    const huge = good(11).replace('"sample"', `"${'x'.repeat(20 * 1024 * 1024)}"`);
    for (const text of [
      `${good(10)}\n${huge}\n${good(12)}\n`,
      `{"findings":[${good(10)},${huge},${good(12)}]}`,
    ]) {
      const made = await report({ 'f.json': text });
      expect(made.summary.total).toBe(2);
      expect(made.intake.problems).toEqual({ 'too-large': 1 });
    }
  });

  it('fails with --strict', async () => {
    await expect(report({ 'f.json': `[${good(10)},null]` }, { strict: true })).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
    });
  });

  it.each([
    [1_717_200_000.5, '2024-06-01T00:00:00.500Z'],
    ['1.7172000005E9', '2024-06-01T00:00:00.500Z'],
    [1_717_200_000_500, '2024-06-01T00:00:00.500Z'],
    ['2024-06-01T02:00:00.500+02:00', '2024-06-01T00:00:00.500Z'],
    ['Jun 1, 2024, 12:00:00 AM', '2024-06-01T00:00:00.000Z'],
    ['2024-06-01', '2024-06-01T00:00:00.000Z'],
  ])('reads the date %j', async (date, iso) => {
    const made = await report({ 'f.json': [{ ...inspectorFinding(), firstObservedAt: date }] });
    expect(made.findings[0]?.firstSeen).toBe(iso);
  });
});
