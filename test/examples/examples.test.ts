import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packRobot } from '../../src/protocol/package/pack.js';
import { openFileSource } from '../../src/protocol/package/source.js';
import { readPackage } from '../../src/protocol/package/strict-reader.js';
import { projectPath } from '../helpers/project.js';

const examples = readdirSync(projectPath('examples'));

describe('the examples', () => {
  it('are there', () =>
    expect(examples.sort()).toEqual(['bank-reconciliation', 'invoice-totals', 'signed-statement']));

  it.each(examples)('%s is a robot that can be published and tried again', async (name) => {
    const robot = await packRobot(projectPath('examples', name));
    expect(robot.manifest).toMatchObject({ name, version: '1.0.0', idempotent: true });
    expect(robot.manifest.inputs).toMatchObject({ type: 'object', additionalProperties: false });
    const source = await openFileSource(robot.file);
    const { entries } = await readPackage(source);
    const program = robot.manifest.entrypoint[1] as string;
    expect(entries.map(({ path }) => path)).toContain(program);
    await source.close();
    await robot.dispose();
  });
});
