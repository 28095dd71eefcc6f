/** Writes a robot's folder for a test. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ROBOT_YAML = 'name: totals\nversion: 1.0.0\nentrypoint: [node, main.js]\n';

/** Files by path; `robot.yaml` is added where it is not among them. */
export function writeRobot(
  dir: string,
  files: Readonly<Record<string, string | Buffer>> = {},
  executables: readonly string[] = [],
): string {
  for (const [path, content] of Object.entries({ 'robot.yaml': ROBOT_YAML, ...files })) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, executables.includes(path) ? 0o755 : 0o644);
  }
  return dir;
}
