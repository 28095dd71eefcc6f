/** The one base class: parses in init, returns data, prints errors and picks exit codes as DESIGN §5 promises. */
import { Command, Flags, type Interfaces } from '@oclif/core';
import type { Config as RocConfig } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Api } from './api.js';
import { printError } from './error-report.js';
import { type Field, printFields } from './fields.js';
import { printablePlain, printableText } from './printable.js';
import type { TableColumn } from './table.js';
import { usageError } from './usage.js';

export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof RocCommand)['baseFlags'] & T['flags']
>;
export type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

export abstract class RocCommand<T extends typeof Command> extends Command {
  static override enableJsonFlag = true;

  /** With --json this command prints a line for each event; its result and its error are lines too. */
  static jsonLines = false;

  static override baseFlags = {
    config: Flags.string({
      summary: 'configuration file; the nearest roc.yaml upward by default',
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
    }),
    json: Flags.boolean({ summary: 'print JSON on stdout and nothing else there', helpGroup: 'GLOBAL' }),
  };

  protected flags!: FlagsOf<T>;
  protected args!: ArgsOf<T>;

  /** Everything a command prints for machines is what this returns. */
  abstract override run(): Promise<unknown>;

  // Parsing here, not in run(), refuses an unknown flag in every command, also one that reads none.
  override async init(): Promise<void> {
    // Under NODE_ENV=development oclif would blame the command for what the person mistyped.
    this.parsed = true;
    try {
      const { args, flags } = await this.parse({
        flags: takingOneValueEach(this.ctor.flags),
        baseFlags: RocCommand.baseFlags,
        args: neverFromStdin(this.ctor.args),
        strict: this.ctor.strict,
      });
      this.flags = flags as FlagsOf<T>;
      this.args = args as ArgsOf<T>;
    } catch (error) {
      throw usageError(error, this.ctor);
    }
  }

  /** The configuration, read when asked: yaml and zod are not loaded before run(). */
  protected async rocConfig(): Promise<RocConfig> {
    const { loadConfig } = await import('../kernel/config.js');
    return loadConfig({
      cwd: process.cwd(),
      env: process.env,
      file: this.flags.config as string | undefined,
    });
  }

  /** The server's client for this shell, read when asked. */
  protected async api(): Promise<Api> {
    const { openApi } = await import('./api.js');
    return openApi({
      config: await this.rocConfig(),
      env: process.env,
      userAgent: this.config.userAgent,
    });
  }

  /** One thing for people, a line a field; silent with --json. */
  protected fields(fields: readonly Field[]): void {
    if (!this.jsonEnabled()) printFields(fields);
  }

  /** A table for people; silent with --json, where the returned data speaks. */
  protected async table<Row>(
    rows: readonly Row[],
    columns: readonly TableColumn<Row>[],
    empty: string,
  ): Promise<void> {
    if (this.jsonEnabled()) return;
    // Not at the top: the table package takes a third of the start of a command that prints none.
    const { printRows } = await import('./table.js');
    printRows(rows, columns, empty);
  }

  /** Lines for people; silent with --json. Colours stay, other control characters do not reach the terminal. */
  override log(message = ''): void {
    if (!this.jsonEnabled()) process.stdout.write(`${printableText(message)}\n`);
  }

  /** The check ran and its result is bad: exit 3 (or another code) without an error text. */
  protected endWith(exitCode: number): void {
    process.exitCode = exitCode;
  }

  /** For stderr, also with --json. */
  override warn(input: string | Error): string | Error {
    process.stderr.write(`warning: ${printablePlain(typeof input === 'string' ? input : input.message)}\n`);
    return input;
  }

  override async catch(error: unknown): Promise<void> {
    if (isSilentExit(error)) process.exitCode = error.oclif.exit;
    else printError(error, { json: this.jsonEnabled(), line: this.isStream });
  }

  /** The log for a room: what `DEBUG=roc:*` shows, warnings always. */
  protected roomLog(): Log {
    const debug = (fields: Readonly<Record<string, unknown>>, message: string) => this.debug(message, fields);
    const warn = (_fields: Readonly<Record<string, unknown>>, message: string) => void this.warn(message);
    return { debug, info: debug, warn, error: warn };
  }

  override logJson(json: unknown): void {
    if (this.isStream) {
      if (json !== undefined) this.logJsonLine(json);
      return;
    }
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** One line of a JSON stream. */
  protected logJsonLine(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }

  private get isStream(): boolean {
    return (this.ctor as unknown as typeof RocCommand).jsonLines;
  }

  protected usageError(message: string, hint: string): RocError {
    return new RocError('ROC_USAGE', message, { hint });
  }
}

// oclif would let a repeatable flag swallow the words after it, and take a missing argument from whatever stdin holds.
function takingOneValueEach(flags: Interfaces.FlagInput): Interfaces.FlagInput {
  return mapValues(flags, (flag) =>
    flag.type === 'option' && flag.multiple ? { ...flag, multipleNonGreedy: true } : flag,
  );
}

function neverFromStdin(args: Interfaces.ArgInput): Interfaces.ArgInput {
  return mapValues(args, (arg) => ({ ...arg, ignoreStdin: true }));
}

function mapValues<V>(
  object: Readonly<Record<string, V>> | undefined,
  map: (value: V) => V,
): Record<string, V> {
  return Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [key, map(value)]));
}

function isSilentExit(error: unknown): error is { oclif: { exit: number } } {
  return error instanceof Error && (error as { code?: string }).code === 'EEXIT';
}
