/** The server's log: JSON lines on stderr, so that stdout stays clean, with everything secret taken out. */
import { destination, type Logger, pino } from 'pino';

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'assertion',
  'apiKey',
  'privateKey',
  'signingKey',
  'secret',
  'wrappedKey',
  // A driver's error may carry the statement with its values.
  'sql',
  'parameters',
];

export function createServerLog(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[redacted]' },
    },
    // Synchronous: the last lines before an end are the ones that matter.
    destination({ fd: 2, sync: true }),
  );
}
