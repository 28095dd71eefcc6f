// The admin's password of `npm start`: made once, kept where the keys are, for this user alone.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param dataDir made here, closed to others, where it is missing
 * @param given a password that a person chose; it is not kept
 * @returns {{ text: string, file: string, isNew: boolean }}
 */
export function adminPassword(dataDir, given) {
  const keys = join(dataDir, 'keys');
  const file = join(keys, 'admin-password');
  try {
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    chmodSync(dataDir, 0o700);
    chmodSync(keys, 0o700);
    if (given) return { text: given, file, isNew: false };
    if (existsSync(file)) return { text: readFileSync(file, 'utf8').trim(), file, isNew: false };
    if (existsSync(join(dataDir, 'roc.db'))) throw unknownPassword(dataDir);
    const text = randomBytes(18).toString('base64url');
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
    return { text, file, isNew: true };
  } catch (error) {
    if (error.hint) throw error;
    throw Object.assign(new Error(`${dataDir} cannot be written (${error.code})`), {
      hint: 'look who owns it, or start in another folder',
      exitCode: 2,
    });
  }
}

function unknownPassword(dataDir) {
  return Object.assign(
    new Error(`${dataDir} was made by another start, its admin's password is not known here`),
    {
      hint: 'set ROC_ADMIN_PASSWORD to it, or move that folder away',
      exitCode: 2,
    },
  );
}
