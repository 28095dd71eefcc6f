import { afterAll } from 'vitest';
import { storeContract } from '../../contracts/store.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const dir = makeTempDir('store');
let made = 0;

afterAll(() => removeDir(dir));

storeContract({
  name: 'sqlite',
  url: () => `sqlite:${dir}/roc.db?synchronous=normal`,
  emptyUrl: async () => `sqlite:${dir}/empty-${made++}.db?synchronous=normal`,
});
