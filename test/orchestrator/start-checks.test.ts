import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/kernel/log.js';
import { serverConfigSchema } from '../../src/orchestrator/config.js';
import { checkNode, readTls } from '../../src/orchestrator/start-checks.js';

function warningsFor(version: string): string[] {
  const said: string[] = [];
  checkNode(version, { ...silentLog, warn: (_, message) => void said.push(message) });
  return said;
}

describe('the Node it runs on', () => {
  it.each(['18.20.4', '20.0.0', '20.18.9'])('%s is too old', (version) => {
    expect(() => warningsFor(version)).toThrow(expect.objectContaining({ code: 'ROC_NODE_TOO_OLD' }));
  });
  it.each(['20.19.0', '21.1.0'])('%s runs, with a warning', (version) => {
    expect(warningsFor(version)).toEqual([expect.stringContaining('end of life')]);
  });
  it.each(['22.0.0', '24.11.0', '26.0.0'])('%s runs', (version) => {
    expect(warningsFor(version)).toEqual([]);
  });
});

describe('TLS', () => {
  const read = (section: object) => readTls(serverConfigSchema.parse(section));
  it('is off without files', async () => expect(await read({})).toBeNull());
  it.each([{ tlsCert: 'x' }, { tlsKey: 'x' }, { tlsCert: '/no/such', tlsKey: '/no/such' }])(
    'refuses %o',
    async (section) => {
      await expect(read(section)).rejects.toMatchObject({ code: 'ROC_CONFIG_INVALID' });
    },
  );
});
