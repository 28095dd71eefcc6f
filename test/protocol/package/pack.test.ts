import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_PACKAGE_LIMITS } from '../../../src/protocol/package/limits.js';
import { packRobot } from '../../../src/protocol/package/pack.js';
import { bufferSource, openFileSource } from '../../../src/protocol/package/source.js';
import { readPackage } from '../../../src/protocol/package/strict-reader.js';
import { unpackPackage } from '../../../src/protocol/package/unpack.js';
import { HOSTILE_ARCHIVES } from '../../helpers/hostile-archives.js';
import { type RawEntry, rawZip } from '../../helpers/raw-zip.js';
import { ROBOT_YAML, writeRobot } from '../../helpers/robot-folder.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const freshDir = tempDirs('pack');
const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const isPosix = process.platform !== 'win32';

async function digestOf(path: string): Promise<string> {
  const robot = await packRobot(path);
  await robot.dispose();
  return robot.digest;
}

/** What a folder holds: path, mode and content of every file. */
function snapshot(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const mode = (statSync(file).mode & 0o777).toString(8);
      return [file.slice(dir.length + 1), `${mode} ${readFileSync(file).toString('base64')}`];
    }),
  );
}

describe('packRobot', () => {
  it('gives a private zip that says what is in it, and takes it away again', async () => {
    const robot = await packRobot(writeRobot(freshDir(), { 'main.js': 'x', 'lib/a.js': 'y' }));
    const bytes = readFileSync(robot.file);
    expect(robot.manifest.name).toBe('totals');
    expect(robot.size).toBe(bytes.length);
    expect(robot.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    if (isPosix) {
      expect(statSync(robot.file).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(robot.file)).mode & 0o777).toBe(0o700);
    }
    await robot.dispose();
    expect(existsSync(dirname(robot.file))).toBe(false);
  });

  // The rule of docs/package-format.md, computed here by hand.
  it('has the digest that the format states', async () => {
    const main = 'console.log(1)\n';
    const dir = writeRobot(freshDir(), { 'main.js': main, 'bin/run': '#!/bin/sh\n' }, ['bin/run']);
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    const lines = [
      'roc-package-v1',
      `755 10 ${sha('#!/bin/sh\n')} bin/run`,
      `644 ${main.length} ${sha(main)} main.js`,
      `644 ${ROBOT_YAML.length} ${sha(ROBOT_YAML)} robot.yaml`,
    ];
    expect(await digestOf(dir)).toBe(`sha256:${sha(`${lines.join('\n')}\n`)}`);
  });

  it('gives the same bytes for the same files, whatever their order, times, owner bits and umask', async () => {
    const files = { 'b.js': 'b', 'a.js': 'a', 'lib/z.js': 'z', 'lib/é.js': 'e' };
    const first = await packRobot(writeRobot(freshDir(), files));
    const before = process.umask(0o077);
    try {
      const dir = writeRobot(freshDir(), Object.fromEntries(Object.entries(files).reverse()));
      for (const path of Object.keys(files)) {
        chmodSync(join(dir, path), 0o600);
        utimesSync(join(dir, path), 1, 1_000_000_000 + path.length);
      }
      const second = await packRobot(dir);
      expect(second.digest).toBe(first.digest);
      expect(second.sha256).toBe(first.sha256);
      await second.dispose();
    } finally {
      process.umask(before);
    }
    await first.dispose();
  });

  it('packs a zip of a folder to the digest of the folder', async () => {
    const files = { 'a.js': 'a', 'lib/b.js': 'b'.repeat(5000) };
    const ignored = { '.DS_Store': 'x', '__MACOSX/._a.js': 'x', 'notes.log': 'x', '.rocignore': '*.log\n' };
    const entries: RawEntry[] = Object.entries({ ...ignored, ...files, 'robot.yaml': ROBOT_YAML }).map(
      ([name, content]) => ({ name, content }),
    );
    const zip = join(freshDir(), 'robot.zip');
    writeFileSync(zip, rawZip({ entries: [...entries, { name: 'lib/' }], comment: Buffer.from('by hand') }));
    expect(await digestOf(zip)).toBe(await digestOf(writeRobot(freshDir(), { ...files, ...ignored })));
    expect(await digestOf(zip)).toBe(await digestOf(writeRobot(freshDir(), files)));
  });

  it('packs its own package to the same package', async () => {
    const once = await packRobot(writeRobot(freshDir(), { 'a.js': 'a' }));
    const twice = await packRobot(once.file);
    expect(twice.sha256).toBe(once.sha256);
    await once.dispose();
    await twice.dispose();
  });

  it.runIf(isPosix)('refuses links and sockets by name, unless they are ignored', async () => {
    const linked = writeRobot(freshDir());
    symlinkSync('/etc/passwd', join(linked, 'passwd'));
    await expect(packRobot(linked)).rejects.toMatchObject({
      code: 'ROC_PACKAGE_INVALID',
      message: expect.stringContaining('"passwd": it is a symbolic link'),
    });
    writeFileSync(join(linked, '.rocignore'), 'passwd\n');
    expect(await digestOf(linked)).toBe(await digestOf(writeRobot(freshDir())));
    const listening = writeRobot(freshDir());
    const server = createServer().listen(join(listening, 'socket'));
    await once(server, 'listening');
    await expect(packRobot(listening)).rejects.toMatchObject({
      message: expect.stringContaining('"socket": it is a socket'),
    });
    server.close();
  });

  it.runIf(isPosix)('keeps node_modules, and leaves out its .bin of links', async () => {
    const dir = writeRobot(freshDir(), { 'node_modules/tool/cli.js': 'x' });
    mkdirSync(join(dir, 'node_modules/.bin'));
    symlinkSync('../tool/cli.js', join(dir, 'node_modules/.bin/tool'));
    const robot = await packRobot(dir);
    const source = await openFileSource(robot.file);
    const { entries } = await readPackage(source);
    expect(entries.map(({ path }) => path)).toEqual(['node_modules/tool/cli.js', 'robot.yaml']);
    await source.close();
    await robot.dispose();
  });

  it.each([
    ['no robot.yaml', {}, /no robot\.yaml/],
    ['a broken robot.yaml', { 'robot.yaml': 'name: [' }, /robot\.yaml:1/],
    ['names that clash', { 'A.js': 'x', 'a.js': 'y' }, /clashes/],
    ['a name that Windows refuses', { 'what?': 'x' }, /Windows refuses/],
    ['a file as small as zeros compress', { zeros: Buffer.alloc(40 * 1024 * 1024) }, /times its size/],
  ])(
    'refuses a folder with %s, and leaves no temporary file',
    async (_, files: Record<string, string | Buffer>, says) => {
      const dir = writeRobot(freshDir(), files);
      if (says.source.startsWith('no robot')) rmSync(join(dir, 'robot.yaml'));
      const temporary = freshDir();
      vi.stubEnv('TMPDIR', temporary);
      try {
        await expect(packRobot(dir)).rejects.toMatchObject({
          code: 'ROC_PACKAGE_INVALID',
          message: expect.stringMatching(says),
        });
      } finally {
        vi.unstubAllEnvs();
      }
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it('holds its limits on a folder too', async () => {
    const dir = writeRobot(freshDir(), { a: 'x'.repeat(1000), b: 'x' });
    const limits = (change: object) => ({ ...DEFAULT_PACKAGE_LIMITS, ...change });
    await expect(packRobot(dir, limits({ entries: 2 }))).rejects.toMatchObject({
      message: expect.stringMatching(/more than 2 files/),
    });
    await expect(packRobot(dir, limits({ totalBytes: 900 }))).rejects.toMatchObject({
      message: expect.stringMatching(/in all/),
    });
    await expect(packRobot(dir, limits({ fileBytes: 900 }))).rejects.toMatchObject({
      message: expect.stringMatching(/a file may have 900/),
    });
  });

  it.runIf(isPosix)('follows a link to the folder or the zip itself', async () => {
    const dir = writeRobot(freshDir());
    const robot = await packRobot(dir);
    const links = freshDir();
    symlinkSync(dir, join(links, 'folder'));
    symlinkSync(robot.file, join(links, 'zip'));
    expect(await digestOf(join(links, 'folder'))).toBe(robot.digest);
    expect(await digestOf(join(links, 'zip'))).toBe(robot.digest);
    await robot.dispose();
  });

  it('refuses a file that grows while it is packed', async () => {
    const dir = writeRobot(freshDir(), { 'a.bin': Buffer.alloc(3_000_000, 'a'), 'b.log': 'x' });
    const growing = setInterval(() => writeFileSync(join(dir, 'b.log'), 'more', { flag: 'a' }), 0);
    await expect(packRobot(dir)).rejects.toMatchObject({
      message: expect.stringMatching(/"b\.log": it changed while it was packed/),
    });
    clearInterval(growing);
  });

  it('says what to do when there is nothing to pack', async () => {
    await expect(packRobot(join(freshDir(), 'missing'))).rejects.toMatchObject({ code: 'ROC_NOT_FOUND' });
    const file = join(freshDir(), 'robot.yaml');
    writeFileSync(file, ROBOT_YAML);
    await expect(packRobot(file)).rejects.toMatchObject({
      code: 'ROC_PACKAGE_INVALID',
      message: expect.stringMatching(/not a zip/),
    });
  });

  it('refuses every hostile zip before it leaves the machine', async () => {
    const dir = freshDir();
    // Those about size were made once in strict-reader.test.ts.
    for (const [i, { make, name }] of HOSTILE_ARCHIVES.filter(
      (h) => !/bomb|entries/.test(h.name),
    ).entries()) {
      const zip = join(dir, `${i}.zip`);
      writeFileSync(zip, make());
      await expect(packRobot(zip), name).rejects.toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
    }
  });
});

describe('pack, read, unpack', () => {
  const segment = fc
    .stringMatching(/^[a-zA-Z0-9_áñ日-]{1,12}(\.[a-z]{1,4})?$/u)
    .filter((name) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) && !/\.pyc$/.test(name));
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 250_000, max: 600_000 }).map((size) => Buffer.alloc(size, 'roc packs robots ')),
  );
  const files = fc.uniqueArray(fc.tuple(path, content, fc.boolean()), {
    maxLength: 12,
    selector: ([name]) => name.toLowerCase().split('/')[0],
  });

  it('give the folder back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (chosen) => {
        const dir = writeRobot(
          freshDir(),
          Object.fromEntries(chosen.map(([name, bytes]) => [name, bytes])),
          chosen.filter(([, , isExecutable]) => isExecutable).map(([name]) => name),
        );
        const robot = await packRobot(dir);
        const source = await openFileSource(robot.file);
        const read = await readPackage(source);
        const target = join(freshDir(), 'robot');
        const unpacked = await unpackPackage(source, target);
        expect(read.digest).toBe(robot.digest);
        expect(unpacked).toEqual({ manifest: robot.manifest, digest: robot.digest });
        expect(snapshot(target)).toEqual(snapshot(dir));
        await source.close();
        await robot.dispose();
      }),
      { numRuns: isLong ? 500 : 25 },
    );
  });
});

describe('unpackPackage', () => {
  async function packed() {
    const robot = await packRobot(writeRobot(freshDir(), { 'lib/a.js': 'x', run: '#!' }, ['run']));
    const source = bufferSource(readFileSync(robot.file));
    await robot.dispose();
    return source;
  }

  it.runIf(isPosix)('sets modes whatever the umask, in a private folder', async () => {
    const source = await packed();
    const before = process.umask(0o077);
    const target = join(freshDir(), 'robot');
    await unpackPackage(source, target).finally(() => process.umask(before));
    expect(lstatSync(target).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(target, 'run')).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(target, 'lib/a.js')).mode & 0o777).toBe(0o644);
  });

  it('refuses a folder that exists, and leaves it as it is', async () => {
    const source = await packed();
    const target = freshDir();
    writeFileSync(join(target, 'mine'), 'mine');
    await expect(unpackPackage(source, target)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    expect(readdirSync(target)).toEqual(['mine']);
  });

  it.runIf(isPosix)('refuses a link in place of the folder', async () => {
    const source = await packed();
    const elsewhere = freshDir();
    const target = join(freshDir(), 'robot');
    symlinkSync(elsewhere, target);
    await expect(unpackPackage(source, target)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('packing that is stopped', () => {
  it.each(['before it begins', 'while it writes'])(
    '%s ends as interrupted and leaves nothing',
    async (when) => {
      const dir = writeRobot(freshDir(), { 'data.bin': Buffer.alloc(4 * 1024 * 1024) });
      const controller = new AbortController();
      if (when === 'before it begins') controller.abort();
      let folder = '';
      const onFolder = (made: string) => {
        folder = made;
        setImmediate(() => controller.abort());
      };
      const packing = packRobot(dir, DEFAULT_PACKAGE_LIMITS, { signal: controller.signal, onFolder });
      await expect(packing).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
      expect(folder).not.toBe('');
      expect(existsSync(folder)).toBe(false);
    },
  );
});
