/** Where the signing keys lie: a file that the server alone may read, or a secret of AWS; never the database. */
import { chmod, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ulid } from 'ulid';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import { createSecret, readSecretOrNull, replaceSecret } from '../secrets/aws.js';

export interface KeyPlace {
  /** For people: a path or an ARN. */
  readonly name: string;
  /** Null where nothing is there yet. @throws RocError ROC_DATA_DIR_UNUSABLE where others may read it */
  read(): Promise<string | null>;
  /** Puts the first text there; where another node was faster, answers that one's. */
  create(text: string): Promise<string>;
  replace(text: string): Promise<void>;
}

const SECRET = 'secretsmanager:';

/** `PATH` or `secretsmanager:ARN`. */
export function openKeyPlace(where: string, env: NodeJS.ProcessEnv): KeyPlace {
  return where.startsWith(SECRET) ? secretPlace(where.slice(SECRET.length), env) : filePlace(where);
}

function secretPlace(arn: string, env: NodeJS.ProcessEnv): KeyPlace {
  return {
    name: arn,
    read: () => readSecretOrNull(arn, env),
    create: (text) => createSecret(arn, text, env),
    replace: (text) => replaceSecret(arn, text, env),
  };
}

function filePlace(file: string): KeyPlace {
  return {
    name: file,
    read: () => readKeyFile(file),
    create: async (text) => {
      // A link fails where the file exists: of two servers that start at once, both take the first one's keys.
      await putDraft(file, text, (draft) =>
        link(draft, file).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        }),
      );
      return (await readKeyFile(file)) ?? text;
    },
    replace: (text) => putDraft(file, text, (draft) => rename(draft, file)),
  };
}

async function readKeyFile(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new RocError('ROC_DATA_DIR_UNUSABLE', `${file} can be read by others`, {
        hint: `Run \`chmod 600 ${file}\`; if others may have read it, run \`roc signing-keys rotate --now\`.`,
      });
    }
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (cause instanceof RocError) throw cause;
    throw unusable(file, cause);
  }
}

/** Written whole beside its place first: nobody ever reads half of it. */
async function putDraft(file: string, text: string, put: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.${ulid()}`;
  try {
    await makeFolder(dirname(file), 0o700);
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await chmod(draft, 0o600);
    await put(draft);
  } catch (cause) {
    throw unusable(file, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

function unusable(file: string, cause: unknown): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', `the signing keys ${file} cannot be read or made`, {
    hint: 'Check the folder and who owns it, or pass --signing-keys file:PATH.',
    cause,
  });
}
