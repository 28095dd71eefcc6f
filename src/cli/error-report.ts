/** Any thrown value as what a person or a script may see: code, message, hint, exit code; never a stack or argv. */
import { type ErrorCode, isRocError } from '../kernel/errors.js';

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
      error: { code: error.code, message: error.message, hint: error.hint ?? '' },
    };
  }
  if (isUsageError(error)) {
    return {
      exitCode: 2,
      error: {
        code: 'ROC_USAGE',
        message: usageMessage(error.message),
        hint: 'Add --help to see the usage.',
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

/** Two or three lines for stderr. */
export function errorText(report: ErrorReport): string {
  const { message, hint } = report.error;
  return hint === '' ? `error: ${message}\n` : `error: ${message}\n  next: ${hint}\n`;
}

/** What oclif's parser throws carries exit 2. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && (error as { oclif?: { exit?: number } }).oclif?.exit === 2;
}

function usageMessage(message: string): string {
  return message
    .replace(/\n?See more help with --help/g, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
