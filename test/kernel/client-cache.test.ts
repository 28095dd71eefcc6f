import { expect, it } from 'vitest';
import { clientCache } from '../../src/kernel/client-cache.js';

class First {
  readonly options: { readonly region: string };
  constructor(options: { readonly region: string }) {
    this.options = options;
  }
}
class Second extends First {}

it('makes one client a service, with the options of the cache', () => {
  const client = clientCache({ region: 'eu-west-1' });
  expect(client(First)).toBe(client(First));
  expect(client(Second)).not.toBe(client(First));
  expect(client(Second).options).toEqual({ region: 'eu-west-1' });
  expect(clientCache({ region: 'eu-west-1' })(First)).not.toBe(client(First));
});
