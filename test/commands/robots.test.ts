import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import RobotsList from '../../commands/robots/list.js';
import RobotsPublish from '../../commands/robots/publish.js';
import RobotsPull from '../../commands/robots/pull.js';
import RobotsShow from '../../commands/robots/show.js';
import RobotsVersions from '../../commands/robots/versions.js';
import RobotsYank from '../../commands/robots/yank.js';
import { packRobot } from '../../src/protocol/package/pack.js';
import { page, sampleId, sampleVersion } from '../helpers/api-samples.js';
import { FakeProblem } from '../helpers/fake-api.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn();
});
afterEach(() => shell.close());

const ROBOT_YAML = 'name: invoice-totals\nversion: 1.0.0\nentrypoint: [node, main.mjs]\n';

async function robotFolder(main = 'console.log(1)\n'): Promise<string> {
  const path = join(shell.dir, 'robot');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'robot.yaml'), ROBOT_YAML);
  await writeFile(join(path, 'main.mjs'), main);
  return path;
}

const notFound = () => {
  throw new FakeProblem('ROC_NOT_FOUND', 'there is no such version');
};

describe('roc robots publish', () => {
  it('sends the package that it made, once, and leaves no temporary file', async () => {
    const path = await robotFolder();
    shell.api.answer({
      'versions.show': notFound,
      'versions.publish': ({ body }) => ({
        ...sampleVersion({ sizeBytes: (body as Buffer).length }),
        created: true,
      }),
    });
    const { stdout, stderr, exitCode } = await shell.run(RobotsPublish, path, '--project', 'finance');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^finance\/invoice-totals@1\.0\.0: published \d+ B\nsha256:a+\n$/);
    const [, sent] = shell.api.requests;
    expect(sent?.params).toEqual({ robot: 'invoice-totals', version: '1.0.0' });
    const bytes = sent?.body as Buffer;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(sent?.query).toEqual({ project: 'finance', sha256 });
    expect(sent?.headers['content-length']).toBe(String(bytes.length));
    expect(await readdir(shell.temporary)).toEqual([]);
  });

  it('sends nothing where this content is published already', async () => {
    const path = await robotFolder();
    const packed = await packRobot(path);
    await packed.dispose();
    shell.api.answer({ 'versions.show': () => sampleVersion({ digest: packed.digest }) });
    const { stdout } = await shell.run(RobotsPublish, path);
    expect(stdout).toContain('default/invoice-totals@1.0.0: already published, unchanged\n');
    expect(shell.api.requests.map(({ route }) => route)).toEqual(['versions.show']);
    expect((await shell.run(RobotsPublish, path, '--json')).json()).toMatchObject({ created: false });
  });

  it('refuses other content under a published version with 4', async () => {
    shell.api.answer({ 'versions.show': () => sampleVersion() });
    const { stderr, exitCode } = await shell.run(RobotsPublish, await robotFolder());
    expect(exitCode).toBe(4);
    expect(stderr).toContain('invoice-totals@1.0.0 is published with other content');
    expect(stderr).toContain('raise `version` in robot.yaml');
    expect(await readdir(shell.temporary)).toEqual([]);
  });

  it('asks by sending where it may not read', async () => {
    shell.api.answer({
      'versions.show': () => {
        throw new FakeProblem('ROC_FORBIDDEN', 'robots:read is missing');
      },
      'versions.publish': () => ({ ...sampleVersion(), created: true }),
    });
    expect((await shell.run(RobotsPublish, await robotFolder())).exitCode).toBe(0);
  });

  it.each([
    ['no robot.yaml', 'main.mjs', 'x', /robot\.yaml/],
    ['a broken robot.yaml', 'robot.yaml', 'name: Not A Name\n', /robot\.yaml:1/],
  ])('refuses a folder with %s before anything is sent', async (_, name, text, expected) => {
    const path = join(shell.dir, 'bad');
    await mkdir(path);
    await writeFile(join(path, name), text);
    const { stderr, exitCode } = await shell.run(RobotsPublish, path);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(expected);
    expect(shell.api.requests).toEqual([]);
  });

  it('refuses a path that is not there', async () => {
    const { stderr, exitCode } = await shell.run(RobotsPublish, join(shell.dir, 'nowhere'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('nowhere cannot be read');
  });

  it('cleans up when the server refuses', async () => {
    shell.api.answer({
      'versions.show': notFound,
      'versions.publish': () => {
        throw new FakeProblem('ROC_TOO_LARGE', 'at most 512 MiB');
      },
    });
    expect((await shell.run(RobotsPublish, await robotFolder())).exitCode).toBe(2);
    expect(await readdir(shell.temporary)).toEqual([]);
  });
});

describe('roc robots pull', () => {
  const bytes = Buffer.from('not a zip, but what was published');
  const version = sampleVersion({
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });

  it('writes exactly what was published', async () => {
    shell.api.answer({ 'versions.show': () => version, 'versions.pull': () => bytes });
    const target = join(shell.dir, 'a', 'b');
    const file = join(target, 'invoice-totals-1.0.0.zip');
    const { stdout, exitCode } = await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', target);
    expect({ stdout, exitCode }).toEqual({ stdout: `${file}\n`, exitCode: 0 });
    expect(await readFile(file)).toEqual(bytes);
    expect(await readdir(target)).toEqual(['invoice-totals-1.0.0.zip']);
  });

  it('replaces a file only with --force', async () => {
    shell.api.answer({ 'versions.show': () => version, 'versions.pull': () => bytes });
    const file = join(shell.dir, 'invoice-totals-1.0.0.zip');
    await writeFile(file, 'mine');
    const refused = await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', shell.dir);
    expect(refused.exitCode).toBe(4);
    expect(await readFile(file, 'utf8')).toBe('mine');
    const forced = await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', shell.dir, '--force', '--json');
    expect(forced.json()).toMatchObject({ file, sha256: version.sha256 });
    expect(await readFile(file)).toEqual(bytes);
  });

  it.each([
    ['other bytes', Buffer.from('n0t a zip, but what was published')],
    ['too few bytes', bytes.subarray(1)],
    ['too many bytes', Buffer.concat([bytes, bytes])],
    ['nothing', Buffer.alloc(0)],
  ])('ends with 3 and no file when %s come', async (_, sent) => {
    shell.api.answer({ 'versions.show': () => version, 'versions.pull': () => sent });
    const target = join(shell.dir, 'out');
    const { exitCode, stderr } = await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', target);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('not what was published');
    expect(await readdir(target)).toEqual([]);
  });

  it('does not replace what somebody else put there meanwhile', async () => {
    const file = join(shell.dir, 'invoice-totals-1.0.0.zip');
    shell.api.answer({
      'versions.show': () => version,
      'versions.pull': async () => {
        await writeFile(file, 'theirs');
        return bytes;
      },
    });
    expect((await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', shell.dir)).exitCode).toBe(4);
    expect(await readFile(file, 'utf8')).toBe('theirs');
  });

  it('leaves no file when the download breaks off', async () => {
    shell.api.answer({
      'versions.show': () => version,
      'versions.pull': () => (response) => {
        response.writeHead(200, { 'content-length': String(bytes.length) });
        response.write(bytes.subarray(0, 5));
        setTimeout(() => response.destroy(), 10);
      },
    });
    const target = join(shell.dir, 'out');
    expect((await shell.run(RobotsPull, 'invoice-totals@1.0.0', '-o', target)).exitCode).toBe(5);
    expect(await readdir(target)).toEqual([]);
  });

  it('says which folder it cannot write to', async () => {
    shell.api.answer({ 'versions.show': () => version, 'versions.pull': () => bytes });
    const inTheWay = join(shell.dir, 'file');
    await writeFile(inTheWay, '');
    const { exitCode, stderr } = await shell.run(
      RobotsPull,
      'invoice-totals@1.0.0',
      '-o',
      join(inTheWay, 'x'),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cannot be written');
  });
});

describe('the other robots commands', () => {
  it('list robots', async () => {
    const robot = {
      id: sampleId(1),
      project: 'default',
      name: 'invoice-totals',
      latestVersion: '1.1.0',
      versions: 2,
      createdAt: new Date(Date.now() - 3 * 86_400_000 - 1000).toISOString(),
    };
    shell.api.answer({
      'robots.list': () => page([robot, { ...robot, name: 'empty', latestVersion: null, versions: 0 }]),
    });
    expect((await shell.run(RobotsList)).stdout).toBe(
      [
        'ROBOT           PROJECT  LATEST  VERSIONS  CREATED',
        'invoice-totals  default  1.1.0          2  3d ago',
        'empty           default  -              0  3d ago',
        '',
      ].join('\n'),
    );
    expect((await shell.run(RobotsList, '--json')).json()).toEqual({ items: [robot, expect.anything()] });
  });

  it('follow the pages of a list up to --limit, and say when there is more', async () => {
    shell.api.answer({
      'robots.list': ({ query }) => {
        const from = Number(query['cursor'] ?? 0);
        const limit = query['limit'] as number;
        const items = Array.from({ length: Math.min(limit, 1200 - from) }, (_, i) => ({
          id: sampleId(from + i),
          project: 'default',
          name: `robot-${from + i}`,
          latestVersion: null,
          versions: 0,
          createdAt: '2026-03-01T12:00:00.000Z',
        }));
        return page(items, from + items.length < 1200 ? String(from + items.length) : null);
      },
    });
    const all = await shell.run(RobotsList, '--json', '--limit', '2000');
    expect(all.json<{ items: unknown[] }>().items).toHaveLength(1200);
    expect(all.stderr).toBe('');
    expect(shell.api.requests.map(({ query }) => query['cursor'])).toEqual([undefined, '500', '1000']);
    const some = await shell.run(RobotsList, '--json', '--limit', '700');
    expect(some.json<{ items: unknown[] }>().items).toHaveLength(700);
    expect(some.stderr).toBe('warning: there are more; raise --limit\n');
  });

  it('say what to do where there are none', async () => {
    shell.api.answer({ 'robots.list': () => page([]) });
    expect((await shell.run(RobotsList)).stdout).toContain('roc robots publish PATH');
  });

  it('list versions of the robot in the project that the reference names', async () => {
    shell.api.answer({ 'versions.list': () => page([sampleVersion({ sizeBytes: 3482 })]) });
    const { stdout } = await shell.run(RobotsVersions, 'finance/invoice-totals');
    expect(stdout).toMatch(/1\.0\.0 {4}published {2}3\.4 KiB {2}sha256:aaaaaaaaaaaa/);
    expect(shell.api.requests[0]).toMatchObject({
      params: { robot: 'invoice-totals' },
      query: { project: 'finance' },
    });
  });

  it('show a version', async () => {
    shell.api.answer({ 'versions.show': () => sampleVersion({ idempotent: false }) });
    const { stdout } = await shell.run(RobotsShow, 'invoice-totals@1.0.0');
    expect(stdout).toContain('entrypoint  node main.mjs\n');
    expect(stdout).toContain('when lost   held (not said to be idempotent)\n');
    expect((await shell.run(RobotsShow, 'invoice-totals@1.0.0', '--json')).json()).toMatchObject({
      version: '1.0.0',
    });
  });

  it('yank a version, and say where it still runs', async () => {
    const one = (environment: string, active: boolean, version = '1.0.0') => ({
      ...{ id: sampleId(7), project: 'default', robot: 'invoice-totals', version, environment, active },
      ...{
        kind: 'deploy' as const,
        previousVersion: null,
        reason: null,
        createdBy: 'ada',
        createdAt: '2026-03-01T12:00:00.000Z',
      },
    });
    const deployments = [one('dev', true), one('prod', false), one('staging', true, '2.0.0')];
    shell.api.answer({
      'versions.yank': () => sampleVersion({ state: 'yanked' }),
      'deployments.list': () => page(deployments),
    });
    const { stdout, stderr } = await shell.run(RobotsYank, 'invoice-totals@1.0.0');
    expect(stdout).toBe('yanked default/invoice-totals@1.0.0\n');
    expect(stderr).toMatch(
      /^warning: it is still what runs in dev: .*roc rollback invoice-totals --in dev`\n$/,
    );
  });

  it('yank a version that runs nowhere, also for somebody who may see no deployments', async () => {
    const forbidden = () => {
      throw new FakeProblem('ROC_FORBIDDEN', 'this needs the permission deployments:read');
    };
    shell.api.answer({
      'versions.yank': () => sampleVersion({ state: 'yanked' }),
      'deployments.list': forbidden,
    });
    expect((await shell.run(RobotsYank, 'invoice-totals@1.0.0')).stdout).toBe(
      'yanked default/invoice-totals@1.0.0\n',
    );
  });

  it.each([
    [RobotsShow, ['invoice-totals'], 'names no version'],
    [RobotsYank, ['Invoice Totals@1.0.0'], 'does not name a robot'],
    [RobotsPull, ['../../etc@1.0.0'], 'does not name a robot'],
    [
      RobotsShow,
      ['finance/invoice-totals@1.0.0', '--project', 'hr'],
      'names project finance, --project says hr',
    ],
  ])('%o refuse %j', async (command, argv, message) => {
    const { stderr, exitCode } = await shell.run(command, ...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(shell.api.requests).toEqual([]);
  });
});
