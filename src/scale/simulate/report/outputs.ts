/** Where reports are written, and in which format. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { RocError } from '../../../kernel/errors.js';
import type { Pictured } from '../simulate.js';
import type { SimulationReport } from '../simulate-files.js';
import { renderHtml } from './html.js';
import { renderSvg } from './svg.js';

type Render = (report: SimulationReport, pictures: readonly Pictured[]) => string;

const FORMATS = {
  html: renderHtml,
  svg: (report, pictures) => renderSvg(report, pictures),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
} as const satisfies Record<string, Render>;

interface OutputTarget {
  readonly file: string;
  readonly format: keyof typeof FORMATS;
}

/**
 * Reads `FILE=FORMAT`; without a format the file's extension decides.
 * @throws RocError ROC_USAGE
 */
export function parseOutputs(texts: readonly string[]): OutputTarget[] {
  return texts.map((text) => {
    const match = /^(.+)=([a-z]+)$/.exec(text);
    const file = match?.[1] ?? text;
    const format = match?.[2] ?? /\.([a-z]+)$/.exec(text)?.[1] ?? '';
    if (Object.hasOwn(FORMATS, format)) return { file, format: format as keyof typeof FORMATS };
    throw new RocError('ROC_USAGE', `--output ${text}: expected FILE=FORMAT`, {
      hint: `Formats are: ${Object.keys(FORMATS).join(', ')}.`,
    });
  });
}

/** Each file whole or not at all. */
export async function writeReports(
  targets: readonly OutputTarget[],
  report: SimulationReport,
  pictures: readonly Pictured[],
): Promise<void> {
  for (const { file, format } of targets) {
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, FORMATS[format](report, pictures), { flag: 'wx' });
      await rename(temporary, file);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw new RocError('ROC_INVALID_INPUT', `${file} cannot be written: ${(cause as Error).message}`, {
        hint: 'Check that its folder is there and who owns it.',
        cause,
      });
    }
  }
}
