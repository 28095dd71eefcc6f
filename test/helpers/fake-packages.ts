/** Encrypted robots for the fake orchestrator, made with the real packer and the real cipher. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { encryptChunks } from '../../src/protocol/package/chunks.js';
import { packageContext } from '../../src/protocol/package/context.js';
import { packRobot } from '../../src/protocol/package/pack.js';
import { writeRobot } from './robot-folder.js';
import { withTempDir } from './temp-dir.js';

export interface FakePackage {
  readonly tenantId: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
  readonly digest: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly entrypoint: readonly string[];
  readonly dataKey: Buffer;
  ciphertext: Buffer;
}

export interface FakeRobot {
  readonly name?: string;
  readonly version?: string;
  readonly entrypoint?: readonly string[];
  readonly platforms?: readonly string[];
  /** Path in the package → content. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Paths that are executable. */
  readonly executables?: readonly string[];
}

const FAKE_TENANT = '01JZ00000000000000000000TN';

export function fakePackage(robot: FakeRobot): Promise<FakePackage> {
  const { name = 'totals', version = '1.0.0', entrypoint = ['node', 'main.js'], platforms } = robot;
  const manifest = { name, version, entrypoint, ...(platforms === undefined ? {} : { platforms }) };
  return withTempDir(async (dir) => {
    writeRobot(dir, { ...robot.files, 'robot.yaml': JSON.stringify(manifest) }, robot.executables);
    const packed = await packRobot(dir);
    try {
      const of = { tenant: FAKE_TENANT, project: 'default', robot: name, version };
      const dataKey = randomBytes(32);
      const sealed: Buffer[] = [];
      const stream = createReadStream(packed.file).pipe(encryptChunks(dataKey, packageContext(of)));
      for await (const piece of stream) sealed.push(piece as Buffer);
      const { digest, sha256, size: sizeBytes } = packed;
      const ciphertext = Buffer.concat(sealed);
      return {
        tenantId: FAKE_TENANT,
        project: 'default',
        robot: name,
        version,
        digest,
        sha256,
        sizeBytes,
        entrypoint,
        dataKey,
        ciphertext,
      };
    } finally {
      await packed.dispose();
    }
  });
}
