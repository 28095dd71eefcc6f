import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalSha256 } from '../../../src/kernel/canonical-json.js';
import { silentLog } from '../../../src/kernel/log.js';
import { serverConfigSchema } from '../../../src/orchestrator/config.js';
import { createLocalKms } from '../../../src/orchestrator/kms/local.js';
import { openMasterKey } from '../../../src/orchestrator/kms/master-key.js';
import { proveKeys } from '../../../src/orchestrator/kms/prove-keys.js';
import { rewrapKeys } from '../../../src/orchestrator/rewrap-keys.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let dataDir: string;
let bytes: Buffer;
const params = { robot: 'totals', version: '1.0.0' };

beforeAll(async () => {
  server = await startTestServer();
  dataDir = server.dataDir;
  const token = await server.tokenOf('owner');
  ({ bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') }));
  await server.ok('versions.publish', { token, params, body: bytes });
  const body = { n: 1 };
  await server.ok('evidence.publish', {
    token,
    body: {
      ...{ kind: 'posture-check', generatedAt: '2026-03-01T12:00:00.000Z', scope: 's', policyHash: null },
      ...{ verdict: 'pass', summary: {}, sha256: canonicalSha256(body), signature: null, body },
    },
  });
});
afterAll(() => server.close());

const masterKey = () => join(dataDir, 'keys', 'master.key');
const local = (path: string) => ({ kind: 'local' as const, path });
const open = (kms: string, formerKms: string[] = []) =>
  openMasterKey(server.parts.store, { kms: local(kms), formerKms: formerKms.map(local) }, {});

describe('a database and its master key', () => {
  it('refuses another key, and makes none where the one that it needs is gone', async () => {
    const other = join(dataDir, 'keys', 'other.key');
    createLocalKms({ path: other });
    await expect(open(other)).rejects.toMatchObject({ code: 'ROC_PRECONDITION_FAILED' });
    const aside = `${masterKey()}.aside`;
    renameSync(masterKey(), aside);
    try {
      await expect(open(masterKey())).rejects.toMatchObject({ code: 'ROC_PRECONDITION_FAILED' });
      expect(existsSync(masterKey())).toBe(false);
    } finally {
      renameSync(aside, masterKey());
    }
    await expect(open(masterKey())).resolves.toBeDefined();
  });

  it('is not served at all without it', async () => {
    const aside = `${masterKey()}.aside`;
    renameSync(masterKey(), aside);
    try {
      await expect(startTestServer({ beside: server })).rejects.toMatchObject({
        code: 'ROC_PRECONDITION_FAILED',
      });
    } finally {
      renameSync(aside, masterKey());
    }
  });

  it('is not served under a key that merely claims to be it', async () => {
    const stranger = createLocalKms({ path: join(dataDir, 'keys', 'other.key') });
    await expect(proveKeys(server.parts.store, stranger)).rejects.toMatchObject({ code: 'ROC_CHECK_FAILED' });
    await expect(proveKeys(server.parts.store, server.parts.packages.kms)).resolves.toBeUndefined();
  });

  it('opens what the former key wrapped while both are known', async () => {
    const next = join(dataDir, 'keys', 'next.key');
    // Made here, since the former one is at hand.
    const ring = await open(next, [masterKey()]);
    await expect(proveKeys(server.parts.store, ring)).resolves.toBeUndefined();
    const { wrapped } = await ring.generateDataKey({ a: 'b' });
    expect(createLocalKms({ path: next }).isOwn(wrapped)).toBe(true);
  });
});

describe('rewrap', () => {
  it('moves every data key, touches no blob, and may be run again', async () => {
    const copy = makeTempDir('rewrap');
    try {
      await server.parts.store.db.selectFrom('tenant').select('id').execute();
      const copied = join(copy, 'data');
      const { cpSync } = await import('node:fs');
      cpSync(dataDir, copied, { recursive: true });
      const old = join(copy, 'old.key');
      copyFileSync(masterKey(), old);
      rmSync(join(copied, 'keys', 'master.key'));
      const next = join(copy, 'next.key');
      const config = (formerKms: string[]) =>
        serverConfigSchema.parse({ dataDir: copied, kms: `local:${next}`, formerKms });
      await expect(rewrapKeys(config([]), {}, silentLog)).rejects.toMatchObject({
        code: 'ROC_PRECONDITION_FAILED',
      });
      const blob = (
        await server.parts.store.db.selectFrom('robot_version').select('blob_key').executeTakeFirstOrThrow()
      ).blob_key;
      const before = readFileSync(join(copied, 'blobs', blob));
      expect(await rewrapKeys(config([`local:${old}`]), {}, silentLog)).toMatchObject({
        moved: 2,
        unchanged: 0,
      });
      expect(readFileSync(join(copied, 'blobs', blob)).equals(before)).toBe(true);
      rmSync(old);
      // From here the former key is gone, and nothing needs it.
      expect(await rewrapKeys(config([]), {}, silentLog)).toMatchObject({ moved: 0, unchanged: 2 });
      const store = await openStore({ url: `sqlite:${join(copied, 'roc.db')}`, env: {}, log: silentLog });
      await migrate(store);
      await proveKeys(store, createLocalKms({ path: next }));
      await expect(proveKeys(store, createLocalKms({ path: masterKey() }))).rejects.toThrow();
      await store.close();
    } finally {
      removeDir(copy);
    }
  });
});
