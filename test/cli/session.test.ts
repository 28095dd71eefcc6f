import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixedCredentials, sessionCredentials } from '../../src/cli/credentials.js';
import { withFileLock } from '../../src/cli/file-lock.js';
import { readSession, type Session, sessionPath, writeSession } from '../../src/cli/session-file.js';
import { RocError } from '../../src/kernel/errors.js';
import { processPlace } from '../../src/kernel/process-place.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = makeTempDir('session');
  file = sessionPath({ XDG_CONFIG_HOME: dir });
});
afterEach(() => removeDir(dir));

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

function session(n: number, overrides: Partial<Session> = {}): Session {
  return {
    url: 'https://roc.example.com',
    tenant: 'default',
    user: { id: '01J00000000000000000000001', email: 'ada@example.com' },
    accessToken: `access-${n}`,
    expiresAt: new Date(NOW + 600_000).toISOString(),
    refreshToken: `refresh-${n}`,
    ...overrides,
  };
}

const expired = { expiresAt: new Date(NOW + 10_000).toISOString() };

describe('the session file', () => {
  it.each([
    [{ XDG_CONFIG_HOME: '/etc/xdg', HOME: '/home/ada' }, '/etc/xdg/roc/session.json'],
    [{ HOME: '/home/ada' }, '/home/ada/.config/roc/session.json'],
    [{ XDG_CONFIG_HOME: 'relative', HOME: '/home/ada' }, '/home/ada/.config/roc/session.json'],
    [{ XDG_CONFIG_HOME: '', HOME: '/home/ada' }, '/home/ada/.config/roc/session.json'],
  ])('of %j is %s', (env, expected) => {
    expect(sessionPath(env)).toBe(expected);
  });

  it('is read back, for its owner alone, in a folder for its owner alone', async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await chmod(dirname(file), 0o755);
    await writeSession(file, session(1));
    expect(await readSession(file)).toEqual(session(1));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
    await writeFile(file, 'x', { mode: 0o644 });
    await chmod(file, 0o644);
    await writeSession(file, session(2));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(file))).toEqual(['session.json']);
  });

  it('is null where there is none, and an error that shows nothing of it where it is damaged', async () => {
    expect(await readSession(file)).toBeNull();
    for (const text of ['{"accessToken":"top-secret', '{"accessToken":"top-secret"}', 'null', '[]', '']) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      const error = await readSession(file).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'ROC_CONFIG_INVALID' });
      expect(String((error as Error).message)).not.toContain('top-secret');
    }
  });

  it('says where it cannot be kept, and leaves nothing there', async () => {
    await writeFile(join(dir, 'roc'), 'a file in the way');
    await expect(writeSession(file, session(1))).rejects.toMatchObject({ code: 'ROC_CONFIG_INVALID' });
    expect(await readdir(dir)).toEqual(['roc']);
  });
});

describe('the file lock', () => {
  const options = { staleMs: 60_000, waitMs: 5000 };

  it('lets one in at a time', async () => {
    const path = join(dir, 'lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(5);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, options, work)));
    expect(most).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it('is let go when the work fails', async () => {
    const path = join(dir, 'lock');
    await expect(
      withFileLock(path, options, async () => {
        throw new TypeError('no');
      }),
    ).rejects.toThrow('no');
    expect(await readdir(dir)).toEqual([]);
  });

  it('is not taken away from who took it over', async () => {
    const path = join(dir, 'lock');
    await withFileLock(path, options, () => writeFile(path, 'of another\n'));
    expect(await readFile(path, 'utf8')).toBe('of another\n');
  });

  it.each([
    ['a holder that is gone', () => `2147483646 x ${processPlace()}\n`, 0],
    ['a lock older than any work', () => `${process.pid} x elsewhere\n`, 120],
  ])('is taken over from %s', async (_, mark, ageSeconds) => {
    const path = join(dir, 'lock');
    await writeFile(path, mark());
    const then = Date.now() / 1000 - ageSeconds;
    await utimes(path, then, then);
    expect(await withFileLock(path, options, async () => 'in')).toBe('in');
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    ['lives', () => `${process.pid} x ${processPlace()}\n`],
    ['may live on another host', () => '2147483646 x elsewhere\n'],
    ['may live in a container beside this one', () => `2147483646 x ${hostname()} pid:[1]\n`],
    ['has just made it', () => ''],
  ])('is not taken from a holder that %s', async (_, mark) => {
    const path = join(dir, 'lock');
    await writeFile(path, mark());
    const waiting = withFileLock(path, { staleMs: 60_000, waitMs: 60 }, async () => 'in');
    await expect(waiting).rejects.toMatchObject({ code: 'ROC_TIMEOUT' });
    expect(await readFile(path, 'utf8')).toBe(mark());
  });
});

describe('session credentials', () => {
  /** A server that takes each refresh token once, as the real one does. */
  function server() {
    const spent = new Set<string>();
    let n = 1;
    const trades: string[] = [];
    const refresh = async (token: string): Promise<Session> => {
      await sleep(5);
      trades.push(token);
      if (spent.has(token)) throw new RocError('ROC_UNAUTHENTICATED', 'reuse: the family is revoked');
      spent.add(token);
      n += 1;
      return session(n);
    };
    return { refresh, trades };
  }

  it('uses the token while it lasts', async () => {
    const { refresh, trades } = server();
    const credentials = sessionCredentials({ file, session: session(1), refresh, now: () => NOW });
    expect(await credentials.token()).toBe('access-1');
    expect(trades).toEqual([]);
  });

  it('renews ahead of the end and keeps the new pair', async () => {
    const { refresh } = server();
    const old = session(1, expired);
    await writeSession(file, old);
    const credentials = sessionCredentials({ file, session: old, refresh, now: () => NOW });
    expect(await credentials.token()).toBe('access-2');
    expect((await readSession(file))?.refreshToken).toBe('refresh-2');
    expect(await credentials.token()).toBe('access-2');
  });

  it('trades a refresh token once, however many ask at the same time', async () => {
    const { refresh, trades } = server();
    const old = session(1, expired);
    await writeSession(file, old);
    const many = Array.from({ length: 10 }, () =>
      sessionCredentials({ file, session: old, refresh, now: () => NOW }),
    );
    const tokens = await Promise.all(many.map((credentials) => credentials.token()));
    expect(new Set(tokens)).toEqual(new Set(['access-2']));
    expect(trades).toEqual(['refresh-1']);
  });

  it('takes the newer token that another process got after a refusal', async () => {
    const { refresh, trades } = server();
    await writeSession(file, session(7));
    const credentials = sessionCredentials({ file, session: session(1), refresh, now: () => NOW });
    expect(await credentials.renew('access-1')).toBe('access-7');
    expect(trades).toEqual([]);
    expect(await credentials.renew('access-7')).toBe('access-2');
    expect(trades).toEqual(['refresh-7']);
  });

  it.each(['signed out meanwhile', 'signed in elsewhere meanwhile', 'ended by the server'])(
    'says how to sign in again when it was %s',
    async (how) => {
      const old = session(1, expired);
      if (how === 'signed in elsewhere meanwhile')
        await writeSession(file, session(3, { url: 'https://b.example' }));
      if (how === 'ended by the server') await writeSession(file, old);
      const refresh = async () => {
        throw new RocError('ROC_UNAUTHENTICATED', 'no');
      };
      const credentials = sessionCredentials({ file, session: old, refresh, now: () => NOW });
      await expect(credentials.token()).rejects.toMatchObject({
        code: 'ROC_UNAUTHENTICATED',
        hint: 'Sign in again with `roc login --url https://roc.example.com`.',
      });
    },
  );

  describe('and Ctrl-C in the middle of a trade', () => {
    afterEach(() => vi.restoreAllMocks());

    const tradeWith = async (during: () => void) => {
      const old = session(1, expired);
      await writeSession(file, old);
      const refresh = async () => {
        during();
        return session(2);
      };
      await sessionCredentials({ file, session: old, refresh, now: () => NOW }).token();
      expect((await readSession(file))?.refreshToken).toBe('refresh-2');
    };

    it('wait until the new pair is kept', async () => {
      const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
      const listeners = process.listenerCount('SIGINT');
      await tradeWith(() => {
        expect(kill).not.toHaveBeenCalled();
        process.emit('SIGINT', 'SIGINT');
      });
      expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
      expect(process.listenerCount('SIGINT')).toBe(listeners);
    });

    it('tell a command that listens itself once', async () => {
      const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
      const listener = vi.fn();
      process.on('SIGINT', listener);
      await tradeWith(() => void process.emit('SIGINT', 'SIGINT'));
      process.off('SIGINT', listener);
      expect(listener).toHaveBeenCalledTimes(1);
      expect(kill).not.toHaveBeenCalled();
    });
  });

  it('passes on that the server cannot be reached, and keeps the session', async () => {
    const old = session(1, expired);
    await writeSession(file, old);
    const refresh = async () => {
      throw new RocError('ROC_UNREACHABLE', 'down');
    };
    const credentials = sessionCredentials({ file, session: old, refresh, now: () => NOW });
    await expect(credentials.token()).rejects.toMatchObject({ code: 'ROC_UNREACHABLE' });
    expect(await readSession(file)).toEqual(old);
  });
});

describe('a token from the environment', () => {
  it('is used as it is, without the line end of a file', async () => {
    expect(await fixedCredentials('roc_abc\n').token()).toBe('roc_abc');
    expect(await fixedCredentials('roc_abc').renew('roc_abc')).toBeNull();
  });

  it.each(['top secret', 'top\nsecret', 'tøpsecret', ' '])(
    'is refused unseen where it is none: %j',
    (text) => {
      expect(() => fixedCredentials(text)).toThrow('ROC_TOKEN holds characters that no token has');
    },
  );
});
