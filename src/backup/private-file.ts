/** Files of keys: made once, whole and 0600, and refused where others may read them. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';

/** Of two processes that start at once, both use the first one's. */
export async function readOrMakePrivate(path: string, make: () => string | Buffer): Promise<Buffer> {
  const known = await readPrivate(path);
  if (known !== null) return known;
  await makeFolder(dirname(path), 0o700);
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      await file.writeFile(make());
      await file.sync();
    } finally {
      await file.close();
    }
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(part, { force: true });
  }
  const made = await readPrivate(path);
  if (made !== null) return made;
  throw new RocError('ROC_DATA_DIR_UNUSABLE', `the key ${path} cannot be made`, {
    hint: 'Check its folder.',
  });
}

/** Null where there is none. @throws RocError ROC_DATA_DIR_UNUSABLE */
async function readPrivate(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { mode } = await file.stat();
      // Windows has no such bits; there the profile's access list guards the file.
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        throw new RocError('ROC_DATA_DIR_UNUSABLE', `the key ${path} may be read by others`, {
          hint: `Run chmod 0600 ${path}`,
        });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
