/** Time-based one-time codes (RFC 6238) and recovery codes: enrolled, confirmed, asked for, each good once. */
import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import type { Kms } from '../kms/kms.js';
import { openText, sealText } from '../kms/sealed-text.js';
import {
  confirmSecondFactor,
  findSecondFactor,
  insertSecondFactor,
  type SecondFactor,
  takeRecoveryCode,
  takeStep,
} from '../store/second-factors.js';
import type { Reader, Tx } from '../store/store.js';
import type { User } from '../store/users.js';
import { hashOfToken } from './refresh-tokens.js';

const PERIOD_S = 30;
/** The step before and after the present one count, too: clocks of telephones are a little off. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const SECRET_BYTES = 20;

export interface Enrolment {
  /** Base32, to type in. */
  readonly secret: string;
  /** `otpauth://` URI, to show as a picture. */
  readonly uri: string;
}

/** A new secret, in place of one that was never confirmed. @throws RocError ROC_CONFLICT where one is in use */
export async function enrolSecondFactor(
  tx: Tx,
  kms: Kms,
  user: Pick<User, 'id' | 'email'>,
): Promise<Enrolment> {
  const known = await findSecondFactor(tx, user.id);
  if (known !== null && known.confirmed_at !== null) {
    throw new RocError('ROC_CONFLICT', 'this account has a second factor already', {
      hint: 'Remove it first: `roc second-factor remove`.',
    });
  }
  const secret = new Secret({ buffer: Uint8Array.from(randomBytes(SECRET_BYTES)).buffer });
  const { sealed, wrappedKey } = await sealText(kms, factorContext(user.id), secret.base32);
  await insertSecondFactor(tx, { user_id: user.id, secret: sealed, wrapped_key: wrappedKey });
  return { secret: secret.base32, uri: totpOf(secret, user.email).toString() };
}

/** From the first right code on the factor is asked for. Answers the recovery codes, which are shown this once. */
export async function confirmEnrolment(tx: Tx, kms: Kms, userId: string, code: string): Promise<string[]> {
  const factor = await findSecondFactor(tx, userId);
  if (factor === null || factor.confirmed_at !== null) {
    throw new RocError('ROC_CONFLICT', 'there is no second factor to confirm', {
      hint: 'Begin with `roc second-factor enrol`.',
    });
  }
  if (!(await takeCode(tx, kms, factor, code))) throw wrongCode('ROC_INVALID_INPUT');
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  await confirmSecondFactor(tx, userId, codes.map(hashOfCode));
  return codes;
}

/** The factor that a sign-in must show, or null. */
export async function activeFactor(reader: Reader, userId: string): Promise<SecondFactor | null> {
  const factor = await findSecondFactor(reader, userId);
  return factor?.confirmed_at == null ? null : factor;
}

/** Whether it is the code of a step that was not used yet, or an unused recovery code; uses it up. */
export async function takeCode(tx: Tx, kms: Kms, factor: SecondFactor, code: string): Promise<boolean> {
  const digits = code.replaceAll(' ', '');
  if (!/^\d{6}$/.test(digits)) return takeRecoveryCode(tx, factor.user_id, hashOfCode(code));
  const secret = await openText(kms, factorContext(factor.user_id), {
    sealed: factor.secret,
    wrappedKey: factor.wrapped_key,
  });
  const now = await tx.now();
  const delta = totpOf(Secret.fromBase32(secret)).validate({ token: digits, timestamp: now, window: WINDOW });
  if (delta === null) return false;
  return takeStep(tx, factor.user_id, Math.floor(now / (PERIOD_S * SECOND)) + delta);
}

/** Who is signed in already is told so by another code: their session is good. */
export function wrongCode(
  code: 'ROC_UNAUTHENTICATED' | 'ROC_INVALID_INPUT' = 'ROC_UNAUTHENTICATED',
): RocError {
  return new RocError(code, 'the one-time code is wrong, or was used before', {
    hint: 'Wait for the next code, or use one of the recovery codes.',
  });
}

/** 80 bits in four groups; case and hyphens do not matter when it is typed. */
function newRecoveryCode(): string {
  const text = new Secret({ buffer: Uint8Array.from(randomBytes(10)).buffer }).base32.toLowerCase();
  return (text.match(/.{4}/g) ?? []).join('-');
}

function hashOfCode(code: string): string {
  return hashOfToken(`recovery ${code.toLowerCase().replace(/[^a-z2-7]/g, '')}`);
}

function totpOf(secret: Secret, label = 'roc'): TOTP {
  return new TOTP({ issuer: 'roc', label, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret });
}

/** What the secret of somebody's factor is bound to. */
export function factorContext(userId: string) {
  return { purpose: 'second-factor', user: userId };
}
