/** An earlier report to compare with: what stands in it is known, what does not is new. Needs no memory on disk. */
import { open } from 'node:fs/promises';
import { RocError } from '../kernel/errors.js';

/** Track keys of the earlier report; `fixed` ones that come back have regressed. */
export type Baseline = ReadonlyMap<string, 'open' | 'fixed'>;

const KEY = /^\{"key":"([0-9a-f]{20})(?:-[^"]{1,12})?"/;
const FIXED = /"state":"fixed"/;

/**
 * @param file a JSON or JSON Lines report of roc
 * @throws RocError ROC_NOT_FOUND, ROC_INVALID_INPUT
 */
export async function readBaseline(file: string): Promise<Baseline> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, {
      hint: 'Check the path given to --baseline.',
      cause,
    });
  });
  const known = new Map<string, 'open' | 'fixed'>();
  let hasHead = false;
  // The report has one finding a line, so that one line at a time is enough.
  for await (const line of handle.readLines({ encoding: 'utf8' })) {
    const key = KEY.exec(line)?.[1];
    if (key === undefined) hasHead ||= line.startsWith('{"version":1,');
    else if (known.get(key) !== 'open') known.set(key, FIXED.test(line) ? 'fixed' : 'open');
  }
  if (known.size === 0 && !hasHead)
    throw new RocError('ROC_INVALID_INPUT', `${file} is no report of roc`, {
      hint: 'Give a file that was written with --output FILE=json or FILE=jsonl.',
    });
  return known;
}
