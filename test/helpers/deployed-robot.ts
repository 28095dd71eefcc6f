/** The robot `totals` of a test server, published and deployed, so that its jobs can be started. */
import { packedRobot, robotYaml } from './robot-package.js';
import type { TestServer } from './test-server.js';

/** @param token of somebody who may publish and deploy */
export async function deployTotals(server: TestServer, token: string): Promise<void> {
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  await server.ok('versions.publish', { token, params: { robot: 'totals', version: '1.0.0' }, body: bytes });
  await server.ok('deployments.create', { token, body: { robot: 'totals', version: '1.0.0' } });
}
