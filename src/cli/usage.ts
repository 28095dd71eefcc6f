/** What oclif's parser refuses, in roc's words: always exit 2, with the nearest flag where one was mistyped. */
import type { Command } from '@oclif/core';
import { isRocError, RocError } from '../kernel/errors.js';
import { nearest } from './nearest.js';

/** Turns whatever parsing threw into a RocError; what a flag's own parse function threw as one stays one. */
export function usageError(error: unknown, command: typeof Command): unknown {
  if (!(error instanceof Error) || isRocError(error) || isHelpExit(error)) return error;
  const unknown = (error as { flags?: unknown }).flags;
  if (Array.isArray(unknown) && unknown.every((flag) => typeof flag === 'string')) {
    const guess = nearest(unknown[0] ?? '', flagNames(command));
    return new RocError('ROC_USAGE', `unknown flag: ${unknown.join(', ')}`, {
      hint:
        guess === null
          ? 'Add --help to see the flags.'
          : `Did you mean ${guess}? Add --help to see all flags.`,
      cause: error,
    });
  }
  return Object.assign(error, { oclif: { exit: 2 } });
}

function isHelpExit(error: Error): boolean {
  return (error as { code?: string }).code === 'EEXIT';
}

function flagNames(command: typeof Command): string[] {
  return Object.keys({ ...command.baseFlags, ...command.flags }).map((name) => `--${name}`);
}
