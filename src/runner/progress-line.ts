/** `::progress 40 message` on stdout: how a robot says how far it is. */

export interface Progress {
  readonly percent: number | null;
  readonly message: string;
}

const PATTERN = /^::progress(?:\s+(\d{1,3}(?:\.\d+)?)%?)?(?:\s+(.*))?$/;
const MAX_MESSAGE = 500;

/** The progress that a line reports, or null for an ordinary line. */
export function parseProgress(line: string): Progress | null {
  const match = PATTERN.exec(line);
  if (match === null) return null;
  const [, percent, message = ''] = match;
  if (percent === undefined && message === '') return null;
  const value = percent === undefined ? null : Number(percent);
  if (value !== null && value > 100) return null;
  return { percent: value, message: message.trim().slice(0, MAX_MESSAGE) };
}
