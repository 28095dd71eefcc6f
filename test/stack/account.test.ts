import { describe, expect, test } from 'vitest';
import { type AccountPort, ensureAccount } from '../../src/stack/account.js';

function port(there: readonly string[], made: string[]): AccountPort {
  const service = (name: string, makes = true) => ({
    find: async () => there.includes(name) || made.includes(name),
    make: makes
      ? async () => {
          made.push(name);
        }
      : null,
  });
  return {
    guardduty: service('guardduty'),
    inspector: service('inspector'),
    config: service('config', false),
  };
}

describe('the services of the account', () => {
  test('are adopted where they are there, and made where not', async () => {
    const made: string[] = [];
    const items = await ensureAccount(port(['guardduty'], made), false);
    expect(items.map(({ service, state }) => [service, state])).toEqual([
      ['guardduty', 'adopted'],
      ['inspector', 'made'],
      ['config', 'missing'],
    ]);
    expect(made).toEqual(['inspector']);
    expect(items[2]?.fix).toContain('recorder');
  });

  test('are made once', async () => {
    const made: string[] = [];
    await ensureAccount(port([], made), false);
    await ensureAccount(port([], made), false);
    expect(made).toEqual(['guardduty', 'inspector']);
  });

  test('are only looked for in a dry run', async () => {
    const made: string[] = [];
    const items = await ensureAccount(port([], made), true);
    expect(items.map(({ state }) => state)).toEqual(['would be made', 'would be made', 'missing']);
    expect(made).toEqual([]);
  });
});
