/** The default policies that come with the package, as they are. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param root the package's own folder */
export async function shippedPolicies(root: string): Promise<{ path: string; text: string }[]> {
  const names = (await readdir(join(root, 'policies'))).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join('policies', name);
      return { path, text: await readFile(join(root, path), 'utf8') };
    }),
  );
}
