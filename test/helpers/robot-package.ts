/** A packed robot as bytes, for tests that publish one. */
import { readFile } from 'node:fs/promises';
import { packRobot } from '../../src/protocol/package/pack.js';
import { writeRobot } from './robot-folder.js';
import { withTempDir } from './temp-dir.js';

export interface RobotPackage {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly sha256: string;
}

export function packedRobot(files: Readonly<Record<string, string>> = {}): Promise<RobotPackage> {
  return withTempDir(async (dir) => {
    const packed = await packRobot(writeRobot(dir, { 'main.js': 'console.log(1)\n', ...files }));
    try {
      return { bytes: await readFile(packed.file), digest: packed.digest, sha256: packed.sha256 };
    } finally {
      await packed.dispose();
    }
  }, 'robot');
}

/** robot.yaml of `totals` with an inputs schema and more. */
export function robotYaml(version: string, more = ''): string {
  return `name: totals\nversion: ${version}\nentrypoint: [node, main.js]\nidempotent: true\n${more}`;
}
