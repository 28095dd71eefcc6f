import { expect, it, vi } from 'vitest';
import { createServerLog } from '../../src/orchestrator/server-log.js';

it('writes JSON lines to stderr with everything secret taken out', async () => {
  const fs = await import('node:fs');
  const lines: string[] = [];
  const write = vi.spyOn(fs.default, 'writeSync').mockImplementation(((fd: number, text: string) => {
    expect(fd).toBe(2);
    lines.push(text);
    return Buffer.byteLength(text);
  }) as never);
  try {
    const log = createServerLog('info');
    const token = 'SECRET';
    log.info({ token, body: { password: 'SECRET', deep: { refreshToken: 'SECRET' } } }, 'hello');
    log.error(
      { err: Object.assign(new TypeError('bad'), { sql: "insert 'SECRET'", parameters: ['SECRET'] }) },
      'fault',
    );
    log.debug({ a: 1 }, 'not shown');
  } finally {
    write.mockRestore();
  }
  const parsed = lines
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(parsed.map(({ level, msg }) => [level, msg])).toEqual([
    ['info', 'hello'],
    ['error', 'fault'],
  ]);
  expect(lines.join('')).not.toContain('SECRET');
  expect(lines.join('')).toContain('[redacted]');
  expect(parsed[1].err.stack).toContain('TypeError: bad');
});
