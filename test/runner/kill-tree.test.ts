import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  killGroup,
  killTree,
  markedProcesses,
  RUN_MARK,
  terminateGroup,
  treeMembers,
} from '../../src/runner/kill-tree.js';
import { listProcesses, processStartMark } from '../../src/runner/process-table.js';
import { realTiming } from '../../src/runner/timing.js';
import { startWatchdog } from '../../src/runner/watchdog.js';
import { goneSoon, isAlive } from '../helpers/processes.js';
import { FAMILY, pidsIn, STUBBORN } from '../helpers/robot-scripts.js';
import { until } from '../helpers/until.js';

const isLinux = process.platform === 'linux';

async function startFamily(script: string, mark: string, members: number) {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], [RUN_MARK]: mark },
  });
  let text = '';
  child.stdout.on('data', (piece) => {
    text += piece;
  });
  const pids = await until('its processes', () => {
    const found = pidsIn(text.split('\n').slice(0, -1));
    return found.length >= members ? found : null;
  });
  return { child, pid: child.pid ?? -1, pids, text: () => text };
}

describe.runIf(isLinux)('killTree', () => {
  it('ends children, grandchildren, detached ones and those whose parents are gone', async () => {
    const mark = `test-${process.pid}.1`;
    const { pid, pids } = await startFamily(`${STUBBORN}${FAMILY}`, mark, 4);
    expect(pids.every(isAlive)).toBe(true);
    expect(treeMembers({ pid, mark }).map((member) => member.pid)).toEqual(expect.arrayContaining(pids));
    await killTree({ pid, mark }, realTiming);
    await goneSoon(pids);
    expect(treeMembers({ pid, mark })).toEqual([]);
  });

  it('finds what is left when the robot itself has ended', async () => {
    const mark = `test-${process.pid}.2`;
    const { child, pid, pids } = await startFamily(
      `${FAMILY} setTimeout(() => process.exit(), 500)`,
      mark,
      3,
    );
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    expect(pids.every(isAlive)).toBe(true);
    await killTree({ pid, mark }, realTiming);
    await goneSoon(pids);
  });

  it('finds what threw its environment away but stayed in the group or the session', async () => {
    const mark = `test-${process.pid}.2b`;
    const script = `
      const { spawn } = require('child_process');
      const start = (name, program, args) => {
        const child = spawn(program, args, { env: { PATH: process.env.PATH }, stdio: 'ignore' });
        console.log('pid ' + name + ' ' + child.pid);
      };
      start('group', 'sleep', ['60']);
      start('session', 'perl', ['-e', 'setpgrp(0, 0); sleep 60']);
      setTimeout(() => process.exit(), 500)`;
    const { child, pid, pids } = await startFamily(script, mark, 2);
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    const members = treeMembers({ pid, mark });
    expect(members).toHaveLength(2);
    expect(members.some(({ group, session }) => session === pid && group !== pid)).toBe(true);
    await killTree({ pid, mark }, realTiming);
    await goneSoon([...pids, ...members.map((member) => member.pid)]);
  });

  it('ends one that multiplies while it is killed', async () => {
    const mark = `test-${process.pid}.3`;
    const script = `
      const { spawn } = require('child_process');
      const breed = "for(;;){ require('child_process').spawnSync('sleep', ['0.02']); require('child_process').spawn('sleep', ['30'], {detached: true, stdio: 'ignore'}).unref() }";
      for (let i = 0; i < 3; i++) spawn(process.execPath, ['-e', breed], { detached: true, stdio: 'ignore' });
      console.log('pid robot ' + process.pid); setInterval(() => {}, 1000);`;
    const { pid } = await startFamily(script, mark, 1);
    await until('a few of them', () => markedProcesses(mark).length > 8);
    await killTree({ pid, mark }, realTiming);
    expect(markedProcesses(mark)).toEqual([]);
  });

  it('leaves everybody else alone', async () => {
    const other = await startFamily(STUBBORN, `test-${process.pid}.other`, 1);
    const mark = `test-${process.pid}.4`;
    const { pid } = await startFamily(STUBBORN, mark, 1);
    await killTree({ pid, mark }, realTiming);
    expect(isAlive(other.pid)).toBe(true);
    killGroup(other.pid);
    await goneSoon([other.pid]);
  });

  it('asks before it kills, and says when nobody is there to be asked', async () => {
    const family = await startFamily(STUBBORN, 'test.5', 1);
    expect(terminateGroup(family.pid)).toBe(true);
    await until('the request', () => family.text().includes('ignored SIGTERM'));
    killGroup(family.pid);
    await goneSoon(family.pids);
    await until('its group to be gone', () => !terminateGroup(family.pid));
  });
});

describe.runIf(isLinux)('the process table', () => {
  it('knows this process', () => {
    expect(listProcesses().find(({ pid }) => pid === process.pid)).toMatchObject({
      parent: process.ppid,
      isZombie: false,
    });
    expect(processStartMark(process.pid)).toMatch(/^[0-9a-f-]{36}:\d+$/);
    expect(processStartMark(2 ** 30)).toBeNull();
  });
});

describe.runIf(isLinux)('the watchdog', () => {
  it('kills what it guards when its agent is gone, also what left its group, and nobody else', async () => {
    const mark = `test-${process.pid}.w`;
    const guarded = await startFamily(`${STUBBORN}${FAMILY}`, `${mark}.1`, 4);
    const alsoGuarded = await startFamily(STUBBORN, `${mark}.2`, 1);
    const stranger = await startFamily(STUBBORN, `test-${process.pid}.x`, 1);
    const watchdog = startWatchdog(mark, () => expect.unreachable('it ended too early'));
    for (const { pid } of [guarded, stranger, alsoGuarded]) watchdog.guard(pid);
    watchdog.release(stranger.pid);
    watchdog.close();
    await goneSoon([...guarded.pids, alsoGuarded.pid]);
    expect(isAlive(stranger.pid)).toBe(true);
    killGroup(stranger.pid);
  });

  it('kills nothing when nothing is left to guard', async () => {
    const mark = `test-${process.pid}.y`;
    const watchdog = startWatchdog(mark, () => expect.unreachable('it ended too early'));
    const one = await startFamily(STUBBORN, mark, 1);
    const two = await startFamily(STUBBORN, mark, 1);
    for (const { pid } of [one, two]) watchdog.guard(pid);
    for (const { pid } of [two, one]) watchdog.release(pid);
    watchdog.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([one.pid, two.pid].map(isAlive)).toEqual([true, true]);
    for (const { pid } of [one, two]) killGroup(pid);
  });
});
