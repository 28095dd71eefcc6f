/** Output formats by name. */
import { RocError } from '../../kernel/errors.js';
import { openAsff } from './asff.js';
import { openCsv } from './csv.js';
import { openHtml } from './html.js';
import { openJson, openJsonLines } from './json.js';
import { openMarkdown } from './markdown.js';
import { openOcsf } from './ocsf.js';
import { openSarif } from './sarif.js';
import type { OpenSink } from './sink.js';
import { openCycloneDxVex, openOpenVex } from './vex.js';

export const FORMATS = {
  json: openJson,
  jsonl: openJsonLines,
  sarif: openSarif,
  asff: openAsff,
  ocsf: openOcsf,
  csv: openCsv,
  md: openMarkdown,
  html: openHtml,
  openvex: openOpenVex,
  'cyclonedx-vex': openCycloneDxVex,
} as const satisfies Record<string, OpenSink>;

export type Format = keyof typeof FORMATS;

export interface OutputTarget {
  readonly file: string;
  readonly format: Format;
}

/**
 * Reads `FILE=FORMAT`; without a format the file's extension decides.
 * @throws RocError ROC_USAGE
 */
export function parseOutput(text: string): OutputTarget {
  const equals = text.lastIndexOf('=');
  const named = equals === -1 ? undefined : text.slice(equals + 1);
  if (named !== undefined && isFormat(named) && equals > 0)
    return { file: text.slice(0, equals), format: named };
  const extension = EXTENSIONS[text.slice(text.lastIndexOf('.') + 1)];
  if (equals === -1 && extension !== undefined) return { file: text, format: extension };
  throw new RocError('ROC_USAGE', `--output ${text}: expected FILE=FORMAT`, {
    hint: `Formats are: ${Object.keys(FORMATS).join(', ')}.`,
  });
}

const EXTENSIONS: Readonly<Partial<Record<string, Format>>> = {
  json: 'json',
  jsonl: 'jsonl',
  sarif: 'sarif',
  csv: 'csv',
  md: 'md',
  html: 'html',
};

function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}
