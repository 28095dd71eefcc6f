import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { robotEnv } from '../../src/runner/robot-env.js';

const dir = {
  ...{ root: '/w', package: '/w/package', home: '/w/home', temp: '/w/tmp', scratch: '/w/work' },
  ...{ inputFile: '/w/input.json', outputFile: '/w/output.json' },
};
const run = { jobId: '01JZ', attempt: 2, epoch: 7, mark: 'm.1', assets: null };

describe('the environment of a robot', () => {
  it('is made of these variables and no others', () => {
    const own = {
      ...{ PATH: '/usr/bin', HOME: '/root', LANG: 'es_CL.UTF-8', TZ: 'America/Santiago', USER: 'root' },
      ...{
        ROC_RUNNER_TOKEN: 'secret',
        AWS_SECRET_ACCESS_KEY: 'secret',
        NODE_OPTIONS: '--inspect',
        LD_PRELOAD: '/x',
      },
    };
    expect(robotEnv(run, dir, own, 'linux')).toEqual({
      ROC_JOB_ID: '01JZ',
      ROC_ATTEMPT: '2',
      ROC_EPOCH: '7',
      ROC_INPUT: '/w/input.json',
      ROC_OUTPUT: '/w/output.json',
      ROC_WORK_DIR: '/w/work',
      ROC_RUN_ID: 'm.1',
      PATH: '/usr/bin',
      HOME: '/w/home',
      LANG: 'es_CL.UTF-8',
      TZ: 'America/Santiago',
      PYTHONUNBUFFERED: '1',
      TMPDIR: '/w/tmp',
    });
  });

  it('has a search path and a language where the runner has none', () => {
    expect(robotEnv(run, dir, {}, 'linux')).toMatchObject({
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
    });
  });

  it('has what Windows programs need', () => {
    const own = { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', ComSpec: 'cmd', USERNAME: 'x', SECRET: 'x' };
    const env = robotEnv(run, dir, own, 'win32');
    expect(env).toMatchObject({
      PATH: 'C:\\bin',
      SystemRoot: 'C:\\Windows',
      TEMP: '/w/tmp',
      USERPROFILE: '/w/home',
    });
    expect(Object.keys(env)).not.toContain('SECRET');
    expect(Object.keys(env)).not.toContain('USERNAME');
    expect(join(env['TMP'] ?? '')).toBe(join('/w/tmp'));
  });
});
