/** Any thrown value as what a person or a script may see: code, message, hint, exit code; never a stack or argv. */
import { type ErrorCode, isRocError } from '../kernel/errors.js';
import { printablePlain } from './printable.js';

export interface ErrorReport {
  readonly exitCode: number;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
  };
}

export function errorReport(error: unknown): ErrorReport {
  if (isRocError(error)) {
    return {
      exitCode: error.exitCode,
      error: { code: error.code, message: withoutParserWords(error.message), hint: error.hint ?? '' },
    };
  }
  if (isUsageError(error)) {
    return {
      exitCode: 2,
      error: {
        code: 'ROC_USAGE',
        message: onOneLine(withoutParserWords(error.message)),
        hint: 'Add --help to see the usage.',
      },
    };
  }
  if (isFolderGone(error)) {
    return {
      exitCode: 2,
      error: {
        code: 'ROC_USAGE',
        message: 'the working directory does not exist any more',
        hint: 'Change to a folder that exists, and run it again.',
      },
    };
  }
  return {
    exitCode: 1,
    error: {
      code: 'ROC_UNEXPECTED',
      message: `an unexpected fault: ${error instanceof Error ? firstLine(error.message) : String(error)}`,
      hint: 'Run it again with DEBUG=roc:* and report what it prints.',
    },
  };
}

function isFolderGone(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'uv_cwd';
}

/** Two or three lines for stderr. */
export function errorText(report: ErrorReport): string {
  const message = printablePlain(report.error.message);
  const hint = printablePlain(report.error.hint);
  return hint === '' ? `error: ${message}\n` : `error: ${message}\n  next: ${hint}\n`;
}

/** The one place that prints an error: JSON on stdout, or text on stderr; with DEBUG also where it came from. */
export function printError(error: unknown, options: { json: boolean; line?: boolean }): void {
  const report = errorReport(error);
  process.exitCode = report.exitCode;
  if (/(^|,)(\*|roc)/.test(process.env['DEBUG'] ?? '') && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  if (options.json)
    process.stdout.write(`${JSON.stringify({ error: report.error }, null, options.line ? 0 : 2)}\n`);
  else process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${errorText(report)}`);
}

// A spinner may still stand on the line.
const CLEAR_LINE = '\r\u001b[2K';

/** True where the flags before `--` ask for JSON. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** What oclif's parser throws carries exit 2. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && (error as { oclif?: { exit?: number } }).oclif?.exit === 2;
}

// oclif writes its own words around an error that a flag's parse function threw.
function withoutParserWords(message: string): string {
  return message.replace(/^Parsing (--\S+) \n\t([\s\S]*)\nSee more help with --help$/, '$1: $2');
}

// The parser lays its lists out in columns over several lines.
function onOneLine(message: string): string {
  return message
    .replace(/See more help with --help/g, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\n\s*(?=Missing required flag)/g, ', ')
    .replace(/Missing required flag (\S+?)(?=,|\s|$)/g, '--$1 is missing')
    .trim()
    .replace(/\s+/g, ' ');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
