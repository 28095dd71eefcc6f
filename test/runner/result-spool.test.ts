import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { logPath, type SpooledResult, spooledResults, spoolResult } from '../../src/runner/result-spool.js';
import { openStateDir } from '../../src/runner/state-dir.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('spool');

const result = (jobId: string): SpooledResult => ({
  ...{ jobId, epoch: 1, resultId: `result-of-${jobId}` },
  completion: { outcome: 'succeeded', output: { n: 1 }, error: null },
});

const open = () => openStateDir(join(newDir(), 'state'));

it('gives back what was spooled, and removes what belongs to no result', async () => {
  const state = open();
  spoolResult(state, result('a'));
  writeFileSync(logPath(state, { jobId: 'a', epoch: 1 }), 'its log', { mode: 0o600 });
  writeFileSync(logPath(state, { jobId: 'b', epoch: 1 }), 'the log of a robot that was killed', {
    mode: 0o600,
  });
  writeFileSync(join(state.spool, 'c.1.json'), '{"jobId":"c","epo', { mode: 0o600 });
  writeFileSync(join(state.spool, 'd.1.json'), '{"jobId":"d"}', { mode: 0o600 });
  expect(await spooledResults(state)).toEqual([result('a')]);
  expect(readdirSync(state.spool).sort()).toEqual(['a.1.json', 'a.1.log']);
});

it.skipIf(process.platform === 'win32')('keeps a result that cannot be read until it can be', async () => {
  const state = open();
  spoolResult(state, result('a'));
  const [file, log] = [join(state.spool, 'a.1.json'), logPath(state, { jobId: 'a', epoch: 1 })];
  writeFileSync(log, 'its log', { mode: 0o600 });
  // As a restored backup leaves it; nothing is read that others could have written.
  chmodSync(file, 0o644);
  expect(await spooledResults(state)).toEqual([]);
  expect([existsSync(file), existsSync(log)]).toEqual([true, true]);
  chmodSync(file, 0o600);
  expect(await spooledResults(state)).toEqual([result('a')]);
});
