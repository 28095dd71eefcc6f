import { describe, expect, it } from 'vitest';
import { createPasswords } from '../../../src/orchestrator/auth/passwords.js';

describe('passwords', async () => {
  const passwords = await createPasswords();

  it('are argon2id at 19 MiB and two passes', async () => {
    expect(await passwords.hash('secret')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('match only themselves', async () => {
    const stored = await passwords.hash('secret');
    expect(await passwords.matches(stored, 'secret')).toBe(true);
    expect(await passwords.matches(stored, 'Secret')).toBe(false);
    expect(await passwords.matches('not a hash', 'secret')).toBe(false);
  });

  it('never match where there is no user, not even with the words of the dummy', async () => {
    expect(await passwords.matches(null, 'no user has this password')).toBe(false);
  });

  it('work when many come at once, and refuse beyond measure', async () => {
    const stored = await passwords.hash('secret');
    const results = await Promise.allSettled(
      Array.from({ length: 120 }, () => passwords.matches(stored, 'secret')),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(120 - 104);
    expect(refused[0]).toMatchObject({ reason: { code: 'ROC_UNAVAILABLE' } });
    expect(await passwords.matches(stored, 'secret')).toBe(true);
  });
});
