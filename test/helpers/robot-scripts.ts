/** Robots that behave badly, as Node scripts; each prints `pid NAME NUMBER` for every process it makes. */

/** Ignores every request to end. */
export const STUBBORN = `
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => console.log('ignored ' + name));
  console.log('pid robot ' + process.pid);
  setInterval(() => {}, 1000);
`;

/** Ends when it is asked to, and says so. */
export const POLITE = `
  process.on('SIGTERM', () => { console.log('asked'); process.exit(0); });
  console.log('pid robot ' + process.pid);
  setInterval(() => {}, 1000);
`;

const CHILD = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";

/**
 * A family: a child in the group, a child in a group and session of its own, and a grandchild whose parent has gone
 * and which shares neither group nor session with the robot. All ignore SIGTERM.
 */
export const FAMILY = `
  const { spawn } = require('child_process');
  const stubborn = ${JSON.stringify(CHILD)};
  const start = (name, detached) => {
    const child = spawn(process.execPath, ['-e', stubborn], { detached, stdio: 'ignore' });
    console.log('pid ' + name + ' ' + child.pid);
  };
  start('child', false);
  start('detached', true);
  const between = \`const { spawn } = require('child_process');
    const child = spawn(process.execPath, ['-e', \${JSON.stringify(stubborn)}], { detached: true, stdio: 'ignore' });
    console.log(child.pid); child.unref();\`;
  const parent = spawn(process.execPath, ['-e', between], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let pid = '';
  parent.stdout.on('data', (piece) => { pid += piece; });
  parent.on('close', () => console.log('pid orphan ' + pid.trim()));
`;

/** The numbers that such a script printed. */
export function pidsIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const match = /^pid \S+ (\d+)$/.exec(line);
    return match === null ? [] : [Number(match[1])];
  });
}

/** A shell script that lists its own descriptors. */
export const LIST_DESCRIPTORS = '#!/bin/sh\nls -l /proc/$$/fd\n';

/** What it listed, as `NUMBER -> TARGET`, without what the shell opened itself: its script, and the listing. */
export function descriptorsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const link = /(\d+ -> .*)$/.exec(line)?.[1];
    return link === undefined || /\.sh$|-> \/proc\//.test(link) ? [] : [link];
  });
}
