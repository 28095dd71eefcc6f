/** The logger a room receives; the server makes it with pino, tests and the CLI pass what they like. */

export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Says nothing; the default where a caller did not ask for a log. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
