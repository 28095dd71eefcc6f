/** The keys that sign tokens: one file outside the database, shared by all nodes, readable by the server alone. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { ulid } from 'ulid';
import { z } from 'zod';
import { RocError } from '../../kernel/errors.js';

/** Only Ed25519: one key, one algorithm (RFC 8725 §3.1). */
export const SIGNING_ALG = 'EdDSA';

export interface SigningKeys {
  /** Names this installation in `iss` and `aud`, so that another one's tokens are never taken for its own. */
  readonly issuer: string;
  readonly active: { readonly kid: string; readonly key: CryptoKey };
  /** Public keys by kid: the active one, and those whose tokens may still live. */
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** From which refresh tokens are derived; never leaves the server. */
  readonly refreshSecret: Buffer;
}

const keySchema = z.strictObject({
  kid: z.string().min(1).max(100),
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(43),
  d: z.string().length(43),
});

const fileSchema = z.strictObject({
  installation: z.string().min(1).max(64),
  active: z.string(),
  keys: z.array(keySchema).min(1),
  refreshSecret: z.string().min(43),
});

/**
 * Reads the file, or makes it at the first start (0600, its folder 0700).
 * @throws RocError ROC_DATA_DIR_UNUSABLE when it cannot be read or made, ROC_CONFIG_INVALID when it is not such a file
 */
export async function openSigningKeys(file: string): Promise<SigningKeys> {
  const text = (await readKeyFile(file)) ?? (await createKeyFile(file));
  const parsed = fileSchema.safeParse(parseJson(text));
  const active = parsed.data?.keys.find(({ kid }) => kid === parsed.data.active);
  if (!parsed.success || active === undefined) {
    throw new RocError('ROC_CONFIG_INVALID', `${file} is not a file of signing keys`, {
      hint: 'Restore it from a backup; without it all sessions end (move it away to have a new one made).',
    });
  }
  return keysFrom(parsed.data, active);
}

async function keysFrom(
  file: z.infer<typeof fileSchema>,
  active: z.infer<typeof keySchema>,
): Promise<SigningKeys> {
  const jwks = file.keys.map(({ kid, kty, crv, x }) => ({ kid, kty, crv, x, use: 'sig', alg: SIGNING_ALG }));
  const verifiers = new Map<string, CryptoKey>();
  for (const jwk of jwks) verifiers.set(jwk.kid, (await importJWK(jwk, SIGNING_ALG)) as CryptoKey);
  return {
    issuer: `urn:roc:${file.installation}`,
    active: { kid: active.kid, key: (await importJWK(active, SIGNING_ALG)) as CryptoKey },
    verifiers,
    jwks: { keys: jwks },
    refreshSecret: Buffer.from(file.refreshSecret, 'base64url'),
  };
}

async function readKeyFile(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new RocError('ROC_DATA_DIR_UNUSABLE', `${file} can be read by others`, {
        hint: `Run \`chmod 600 ${file}\`; if others may have read it, move it away to have new keys made.`,
      });
    }
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (cause instanceof RocError) throw cause;
    throw unusable(file, cause);
  }
}

async function createKeyFile(file: string): Promise<string> {
  const text = `${JSON.stringify(await newKeys(), null, 2)}\n`;
  const draft = `${file}.${ulid()}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o600);
    // A link fails where the file exists: of two servers that start at once, both take the first one's keys.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unusable(file, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

async function newKeys(): Promise<z.infer<typeof fileSchema>> {
  const { privateKey } = await generateKeyPair(SIGNING_ALG, { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return {
    installation: ulid().toLowerCase(),
    active: kid,
    keys: [{ kid, kty: 'OKP', crv: 'Ed25519', x, d }],
    refreshSecret: randomBytes(32).toString('base64url'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unusable(file: string, cause: unknown): RocError {
  return new RocError('ROC_DATA_DIR_UNUSABLE', `the signing keys ${file} cannot be read or made`, {
    hint: 'Check the folder and who owns it, or pass --signing-keys file:PATH.',
    cause,
  });
}
