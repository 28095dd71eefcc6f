import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadOptions, loadSeries } from '../../../../src/scale/simulate/series/load.js';
import { makeTempDir, removeDir } from '../../../helpers/temp-dir.js';

const OPTIONS: LoadOptions = {
  column: undefined,
  zerosAreMissing: false,
  allowGaps: false,
  readHistory: undefined,
};

describe('loading series', () => {
  let dir: string;
  const file = (name: string, content: string | Buffer) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  beforeAll(() => {
    dir = makeTempDir('series');
  });
  afterAll(() => removeDir(dir));

  it('reads files, gzipped or not, and names a series by its file', async () => {
    const text = 'timestamp,value\n2026-03-01 00:00,1\n2026-03-01 00:01,2\n';
    const loaded = await loadSeries([file('a.csv', text), file('b.csv.gz', gzipSync(text))], OPTIONS);
    expect(loaded.map(({ name, demand }) => [name, ...demand])).toEqual([
      ['a', 1, 2],
      ['b', 1, 2],
    ]);
  });

  it('refuses a series of which more than a fifth is missing, unless it is told to go on', async () => {
    const gap = file(
      'gap.csv',
      '2026-03-01 00:00,1\n2026-03-01 00:01,2\n2026-03-01 00:02,2\n2026-03-01 00:09,3\n',
    );
    await expect(loadSeries([gap], OPTIONS)).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
      message: 'gap: 60.0 % of its minutes have no value (longest gap 6 min)',
    });
    const [series] = await loadSeries([gap], { ...OPTIONS, allowGaps: true });
    expect(series?.facts.imputedMinutes).toBe(6);
  });

  it('asks for history by its span', async () => {
    const spans: number[] = [];
    const readHistory = async (span: number) => {
      spans.push(span);
      return [{ name: 'live', at: [0, 60_000], value: [1, 2] }];
    };
    const [series] = await loadSeries(['cloudwatch:14d'], { ...OPTIONS, readHistory });
    expect([series?.name, spans]).toEqual(['live', [14 * 86_400_000]]);
  });

  it.each([
    ['a file that is not there', () => [join(dir, 'none.csv')], 'ROC_NOT_FOUND'],
    ['history without a group', () => ['cloudwatch:14d'], 'ROC_USAGE'],
    [
      'a gzip that is cut off',
      () => [file('cut.gz', gzipSync('2026-03-01,1\n').subarray(0, 12))],
      'ROC_INVALID_INPUT',
    ],
    [
      'two series of one name',
      () => [
        file('c.csv', '2026-03-01,1\n2026-03-02,1'),
        file('c.csv.gz', gzipSync('2026-03-01,1\n2026-03-02,1')),
      ],
      'ROC_USAGE',
    ],
  ])('refuses %s', async (_, inputs, code) => {
    await expect(loadSeries(inputs(), OPTIONS)).rejects.toMatchObject({ code });
  });
});
