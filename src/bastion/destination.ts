/** Destinations of a forward as people write them. Pure. */
import { RocError } from '../kernel/errors.js';

export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[V6]:PORT`, or a bare port of the instance itself. */
export function parseDestination(text: string): Destination {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new RocError('ROC_USAGE', `"${text}" is no destination`, {
      hint: 'Write HOST:PORT, such as db.internal:3306, or a port of the instance itself.',
    });
  }
  return { host: match[1] ?? match[2] ?? 'localhost', port };
}
