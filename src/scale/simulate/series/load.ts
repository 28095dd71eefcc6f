/** Series from where the user keeps them: CSV files, gzipped or not, and CloudWatch's history. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RocError } from '../../../kernel/errors.js';
import { parseDuration } from '../../../kernel/time.js';
import { type Points, readCsv } from './csv.js';
import { type Series, toSeries } from './series.js';

export interface LoadOptions {
  readonly column: string | undefined;
  readonly zerosAreMissing: boolean;
  /** Go on where more than a fifth of the minutes has no value of its own. */
  readonly allowGaps: boolean;
  readonly readHistory: ReadHistory | undefined;
}

/** Demand of the live fleet over a span of milliseconds up to now, by name. */
export type ReadHistory = (span: number) => Promise<readonly NamedPoints[]>;

export interface NamedPoints extends Points {
  readonly name: string;
  /** What one instance carries at 100 %, in the unit of the points, where that is known. */
  readonly capacity?: number | undefined;
  /** What the source could not tell whole. */
  readonly notes?: readonly string[] | undefined;
}

const MOST_MISSING_PCT = 20;
const MOST_BYTES = 256 * 1024 * 1024;
const HISTORY = /^cloudwatch:(.+)$/;

/**
 * @param inputs file names, or `cloudwatch:14d`
 * @throws RocError ROC_NOT_FOUND, ROC_INVALID_INPUT, ROC_TOO_LARGE
 */
export async function loadSeries(inputs: readonly string[], options: LoadOptions): Promise<Series[]> {
  const found: Series[] = [];
  for (const input of inputs) {
    const span = HISTORY.exec(input)?.[1];
    const named = span === undefined ? [await readFileOf(input, options)] : await history(span, options);
    for (const points of named)
      found.push({
        ...checked(toSeries(points.name, points, options), options),
        capacity: points.capacity,
        notes: points.notes ?? [],
      });
  }
  const twice = found.find(({ name }, i) => found.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined)
    throw new RocError('ROC_USAGE', `two series are named ${twice.name}`, {
      hint: 'A series is named by its file; rename one of them.',
    });
  return found;
}

async function readFileOf(file: string, { column }: LoadOptions): Promise<NamedPoints> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read (${cause.code ?? 'unknown'})`, {
      hint: 'Name a CSV file of times and values, or cloudwatch:14d.',
      cause,
    });
  });
  const name = basename(file).replace(/(\.csv|\.tsv|\.txt)?(\.gz)?$/i, '') || basename(file);
  return { name, ...readCsv(text(file, bytes), { name: file, column }) };
}

function text(file: string, bytes: Buffer): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${file}: its gzip cannot be unpacked`, {
      hint: `It may be cut off, or unpack to more than ${MOST_BYTES / 1024 / 1024} MB.`,
      cause,
    });
  }
}

async function history(span: string, { readHistory }: LoadOptions): Promise<readonly NamedPoints[]> {
  if (readHistory === undefined)
    throw new RocError('ROC_USAGE', `cloudwatch:${span} needs a group to look at`, {
      hint: 'Name the group in the policy (target), or run `roc provision` first.',
    });
  return readHistory(parseDuration(span));
}

function checked(series: Series, { allowGaps }: LoadOptions): Series {
  const { imputedPct, longestGapMinutes } = series.facts;
  if (imputedPct <= MOST_MISSING_PCT || allowGaps) return series;
  throw new RocError(
    'ROC_INVALID_INPUT',
    `${series.name}: ${imputedPct.toFixed(1)} % of its minutes have no value (longest gap ${longestGapMinutes} min)`,
    {
      hint: `More than ${MOST_MISSING_PCT} % would be guessed; --allow-gaps simulates it all the same, the last value held.`,
    },
  );
}
