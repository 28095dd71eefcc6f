/** What mysql2 throws, in roc's words: who was refused, what did not answer, which statement failed. Pure. */
import { isRocError, RocError } from '../../kernel/errors.js';

interface DriverError extends Error {
  readonly code?: string;
  readonly errno?: number;
}

const IDENTITY =
  /^(ERR_TLS_.*|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|HANDSHAKE_SSL_ERROR|HANDSHAKE_NO_SSL_SUPPORT)$/;
/** 1045 and 1698 access denied, 1044 database, 1251 old client, 3118 locked, 1862 expired, 4151 denied by plug-in. */
const ACCESS = new Set([1044, 1045, 1251, 1698, 1862, 3118, 4151]);
/** 3159: insecure connections are prohibited (require_secure_transport of MySQL). */
const TLS_REQUIRED = new Set([3159]);
const TIMED_OUT = new Set([1969, 3024, 1317]);

export function connectError(error: unknown, host: string): unknown {
  if (isRocError(error) || !(error instanceof Error)) return error;
  const { code = '', errno = 0 } = error as DriverError;
  const reason = `${code} ${error.message}`;
  if (TLS_REQUIRED.has(errno))
    return new RocError('ROC_REFUSED', `${host} takes TLS connections only`, { cause: error });
  if (IDENTITY.test(code) || /altnames|certificate|SSL/i.test(reason))
    return new RocError('ROC_REFUSED', `what answers as ${host} did not prove that it is: ${error.message}`, {
      hint: 'Check the CA bundle and where the tunnel ends; never go on without this proof.',
      cause: error,
    });
  if (ACCESS.has(errno) || code.startsWith('AUTH_'))
    return new RocError('ROC_CREDENTIALS_MISSING', `${host} refused the sign-in (${code})`, {
      hint: 'Check the user, its password or token, and its grants.',
      cause: error,
    });
  return new RocError('ROC_UNREACHABLE', `${host} did not answer as a database (${code || error.message})`, {
    hint: 'Check the tunnel, the security groups and whether the instance is up.',
    cause: error,
  });
}

export function queryError(error: unknown): unknown {
  if (isRocError(error) || !(error instanceof Error)) return error;
  const { code = '', errno = 0, message } = error as DriverError;
  if (TIMED_OUT.has(errno) || code === 'PROTOCOL_SEQUENCE_TIMEOUT')
    return new RocError('ROC_TIMEOUT', 'the statement took longer than it was given', { cause: error });
  if (isLost(code))
    return new RocError('ROC_UNREACHABLE', `the connection was lost (${code})`, { cause: error });
  return new RocError('ROC_CHECK_FAILED', `the database refused a statement: ${message}`, {
    hint: 'Check the statement and the grants of the user.',
    cause: error,
    details: { errno, code },
  });
}

function isLost(code: string): boolean {
  return /^(PROTOCOL_|ECONN|EPIPE|ETIMEDOUT|ERR_STREAM|ER_SERVER_SHUTDOWN|ER_CONNECTION_KILLED)/.test(code);
}
