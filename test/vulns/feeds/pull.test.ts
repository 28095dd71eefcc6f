import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import FeedsPull from '../../../commands/vulns/feeds/pull.js';
import FeedsStatus from '../../../commands/vulns/feeds/status.js';
import { loadFeeds } from '../../../src/vulns/feeds/load.js';
import { pullFeeds } from '../../../src/vulns/feeds/pull.js';
import { rawZip } from '../../helpers/raw-zip.js';
import { runCommand } from '../../helpers/run-command.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const KEV = {
  title: 'catalogue',
  catalogVersion: '2025.05.30',
  dateReleased: '2025-05-30T12:00:00Z',
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2024-0001',
      dateAdded: '2025-05-01',
      dueDate: '2025-05-22',
      knownRansomwareCampaignUse: 'Known',
    },
  ],
};
const EPSS = `#model_version:v2025.03.14,score_date:2025-05-31T00:00:00+0000
cve,epss,percentile
CVE-2024-0001,0.9,0.99
CVE-2024-0002,0.001,0.1
`;
const record = (cve: string, options: object[]) =>
  JSON.stringify({
    cveMetadata: { cveId: cve },
    containers: {
      adp: [
        { title: 'CVE Program Container' },
        {
          title: 'CISA ADP Vulnrichment',
          metrics: [
            { cvssV3_1: {} },
            {
              other: {
                type: 'ssvc',
                content: { id: cve, role: 'CISA Coordinator', options, timestamp: '2025-05-29T10:00:00.1Z' },
              },
            },
          ],
        },
      ],
    },
  });
const points = (exploitation: string) => [
  { Exploitation: exploitation },
  { Automatable: 'yes' },
  { 'Technical Impact': 'Total' },
];
const ARCHIVE = rawZip({
  entries: [
    { name: 'vulnrichment-develop/README.md', content: 'not a record' },
    {
      name: 'vulnrichment-develop/2024/0xxx/CVE-2024-0001.json',
      content: record('CVE-2024-0001', points('active')),
    },
    {
      name: 'vulnrichment-develop/2024/0xxx/CVE-2024-0002.json',
      content: record('CVE-2024-0002', points('None')),
    },
    { name: 'vulnrichment-develop/2024/0xxx/CVE-2024-0003.json', content: '{"containers":{}}' },
    {
      name: 'vulnrichment-develop/2024/0xxx/CVE-2024-0004.json',
      content: record('CVE-2024-0004,evil\n', points('none')),
    },
  ],
});

type Answer = (response: ServerResponse) => void;
let server: Server;
let base: string;
let answers: Record<string, Answer>;
let dir: string;

const send =
  (body: string | Buffer, type = 'application/octet-stream'): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': type }).end(body);

beforeEach(async () => {
  dir = makeTempDir('feeds');
  answers = {
    '/kev': send(JSON.stringify(KEV), 'application/json'),
    '/epss': send(gzipSync(EPSS)),
    '/ssvc': send(ARCHIVE, 'application/zip'),
  };
  server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end('nothing here');
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  removeDir(dir);
});

const NAMES = ['kev', 'epss', 'ssvc'] as const;
const pull = (names: readonly (typeof NAMES)[number][] = NAMES, idleMs = 5000) =>
  pullFeeds({
    dir,
    names,
    idleMs,
    urls: { kev: `${base}/kev`, epss: `${base}/epss`, ssvc: `${base}/ssvc` },
  });
const argv = () => ['--feeds', dir, '--kev-url', `${base}/kev`, '--epss-url', `${base}/epss`];

const FAULTS: readonly (readonly [string, (typeof NAMES)[number], Answer, string])[] = [
  ['not found', 'kev', (response: ServerResponse) => void response.writeHead(404).end(), 'ROC_UNREACHABLE'],
  ['a fault', 'kev', (response: ServerResponse) => void response.writeHead(503).end(), 'ROC_UNREACHABLE'],
  ['a page of another kind', 'kev', send('<!doctype html><p>moved', 'text/html'), 'ROC_INVALID_INPUT'],
  ['a catalogue cut short', 'kev', send(JSON.stringify({ ...KEV, count: 2 })), 'ROC_INVALID_INPUT'],
  [
    'an empty catalogue',
    'kev',
    send(JSON.stringify({ ...KEV, count: 0, vulnerabilities: [] })),
    'ROC_INVALID_INPUT',
  ],
  [
    'fewer bytes than were promised',
    'kev',
    (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '5000' }).write('{"vulnerab');
      response.destroy();
    },
    'ROC_UNREACHABLE',
  ],
  ['an archive cut short', 'epss', send(gzipSync(EPSS).subarray(0, 40)), 'ROC_INVALID_INPUT'],
  ['scores without rows', 'epss', send('cve,epss,percentile\n'), 'ROC_INVALID_INPUT'],
  ['a zip cut short', 'ssvc', send(ARCHIVE.subarray(0, ARCHIVE.length - 30)), 'ROC_INVALID_INPUT'],
  [
    'a zip that would leave its folder',
    'ssvc',
    send(rawZip({ entries: [{ name: '../CVE-2024-0001.json', content: '{}' }] })),
    'ROC_INVALID_INPUT',
  ],
  ['a zip of nothing', 'ssvc', send(rawZip({ entries: [] })), 'ROC_INVALID_INPUT'],
  ['a table of other columns', 'ssvc', send('a,b\n1,2\n'), 'ROC_INVALID_INPUT'],
];

describe('roc vulns feeds pull', () => {
  it('fetches all three; the archive of decision points becomes a table', async () => {
    const { items, failures } = await pull();
    expect(failures).toEqual([]);
    expect(items.map(({ name, entries }) => [name, entries])).toEqual([
      ['kev', 1],
      ['epss', 2],
      ['ssvc', 2],
    ]);
    expect(readdirSync(dir).sort()).toEqual(['epss.csv.gz', 'kev.json', 'ssvc.csv.gz']);
    expect(gunzipSync(readFileSync(join(dir, 'ssvc.csv.gz'))).toString()).toBe(
      'cve,exploitation,automatable,technical_impact,timestamp\n' +
        'CVE-2024-0001,active,yes,total,2025-05-29t10:00:00.1z\n' +
        'CVE-2024-0002,none,yes,total,2025-05-29t10:00:00.1z\n',
    );
  });

  it('takes a plain table for decision points, and a plain list of scores', async () => {
    answers['/ssvc'] = send('cve,exploitation,automatable,technical_impact\nCVE-2024-0001,poc,no,partial\n');
    answers['/epss'] = send(EPSS);
    expect((await pull(['epss', 'ssvc'])).items.map((item) => item.entries)).toEqual([2, 1]);
  });

  it('leaves no older form of a feed behind to be read instead', async () => {
    writeFileSync(join(dir, 'epss.csv'), '#score_date:2026-01-01\ncve,epss,percentile\nCVE-1999-0001,1,1\n');
    await pull(['epss']);
    expect(readdirSync(dir)).toEqual(['epss.csv.gz']);
  });

  it.each(FAULTS)('keeps the feed at hand on %s', async (_, name, answer, code) => {
    await pull();
    const before = readdirSync(dir).map((file) => readFileSync(join(dir, file)));
    answers[`/${name}`] = answer;
    const { items, failures } = await pull();
    expect(failures.map((failure) => [failure.name, failure.error.code])).toEqual([[name, code]]);
    expect(items).toHaveLength(2);
    expect(readdirSync(dir).map((file) => readFileSync(join(dir, file)))).toEqual(before);
  });

  it('gives up a server that sends nothing more', async () => {
    answers['/kev'] = (response) => void response.writeHead(200).write('{');
    const started = performance.now();
    const { failures } = await pull(['kev'], 200);
    expect(failures[0]?.error).toMatchObject({ code: 'ROC_TIMEOUT', exitCode: 5 });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('waits for a slow server that goes on sending', async () => {
    const bytes = Buffer.from(JSON.stringify(KEV));
    answers['/kev'] = (response) => {
      response.writeHead(200);
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, at + 60));
        at += 60;
        if (at < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    };
    expect((await pull(['kev'], 400)).failures).toEqual([]);
  });

  it('follows a redirect', async () => {
    answers['/moved'] = answers['/kev']!;
    answers['/kev'] = (response) => void response.writeHead(302, { location: '/moved' }).end();
    expect((await pull(['kev'])).items).toHaveLength(1);
  });

  it('prints what it fetched, goes on after a failure and exits by it', async () => {
    const good = await runCommand(FeedsPull, [...argv(), '--only', 'kev,epss', '--json']);
    expect(good.exitCode).toBe(0);
    expect(good.json()).toMatchObject({
      items: [
        { name: 'kev', entries: 1 },
        { name: 'epss', entries: 2 },
      ],
      failures: [],
    });
    delete answers['/kev'];
    const bad = await runCommand(FeedsPull, [...argv(), '--only', 'kev,epss']);
    expect(bad.exitCode).toBe(5);
    expect(bad.stderr).toContain('answered 404');
    expect(bad.stdout).toContain('epss');
    const wrong = await runCommand(FeedsPull, ['--feeds', dir, '--only', 'nvd']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('"nvd" is no feed')]);
  });

  it('says that a folder cannot be made', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    await expect(pullFeeds({ dir: join(file, 'x'), names: [], idleMs: 1, urls: {} })).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
    });
  });
});

describe('roc vulns feeds status', () => {
  const status = (...more: string[]) =>
    runCommand(FeedsStatus, ['--feeds', dir, '--now', '2025-06-01T12:00:00Z', ...more]);

  it('tells age and entries, and is content with fresh feeds', async () => {
    await pull();
    const end = await status('--json');
    expect(end.exitCode).toBe(0);
    expect(end.json()).toMatchObject({
      items: [
        {
          name: 'kev',
          present: true,
          ageDays: 2,
          stale: false,
          entries: 1,
          date: '2025-05-30T12:00:00.000Z',
        },
        { name: 'epss', ageDays: 1, entries: 2 },
        { name: 'ssvc', ageDays: 3, entries: 2 },
      ],
    });
  });

  it('exits 3 for missing and stale feeds, and says which', async () => {
    await pull(['kev']);
    const end = await status('--max-age', '1');
    expect(end.exitCode).toBe(3);
    expect(end.stdout).toMatch(/kev +stale +2 d/);
    expect(end.stdout).toMatch(/epss +missing/);
  });

  it('takes the newer of what was pulled and what was copied by hand', async () => {
    await pull(['epss']);
    const older = EPSS.replace('2025-05-31', '2025-01-01').replace('0.9,', '0.1,');
    writeFileSync(join(dir, 'epss_scores-2025-01-01.csv'), older);
    const { data } = await loadFeeds(dir, Date.UTC(2025, 5, 1), 7);
    expect(data.epss?.scores[0]).toBe(0.9e9);
  });

  it('names a damaged file and what to do', async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'epss.csv.gz'), gzipSync(EPSS).subarray(0, 30));
    const end = await status();
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('epss.csv.gz is damaged')]);
  });
});
