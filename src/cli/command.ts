/** The one base class: parses in init, returns data, prints errors and picks exit codes as DESIGN §5 promises. */
import { Command, Flags, type Interfaces } from '@oclif/core';
import type { Config as RocConfig } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { errorReport, errorText } from './error-report.js';
import { printRows, type TableColumn } from './table.js';

export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof RocCommand)['baseFlags'] & T['flags']
>;
export type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

export abstract class RocCommand<T extends typeof Command> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    config: Flags.string({
      summary: 'configuration file; the nearest roc.yaml upward by default',
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
    }),
  };

  protected flags!: FlagsOf<T>;
  protected args!: ArgsOf<T>;

  /** Everything a command prints for machines is what this returns. */
  abstract override run(): Promise<unknown>;

  // Parsing here, not in run(), refuses an unknown flag in every command, also one that reads none.
  override async init(): Promise<void> {
    await super.init();
    const { args, flags } = await this.parse({
      flags: this.ctor.flags,
      baseFlags: (super.ctor as typeof RocCommand).baseFlags,
      enableJsonFlag: this.ctor.enableJsonFlag,
      args: this.ctor.args,
      strict: this.ctor.strict,
    });
    this.flags = flags as FlagsOf<T>;
    this.args = args as ArgsOf<T>;
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

  /** A table for people; silent with --json, where the returned data speaks. */
  protected table<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], empty: string): void {
    if (!this.jsonEnabled()) printRows(rows, columns, empty);
  }

  /** The check ran and its result is bad: exit 3 (or another code) without an error text. */
  protected endWith(exitCode: number): void {
    process.exitCode = exitCode;
  }

  override warn(input: string | Error): string | Error {
    process.stderr.write(`warning: ${typeof input === 'string' ? input : input.message}\n`);
    return input;
  }

  override async catch(error: unknown): Promise<void> {
    if (isSilentExit(error)) {
      process.exitCode = error.oclif.exit;
      return;
    }
    const report = errorReport(error);
    process.exitCode = report.exitCode;
    if (this.jsonEnabled()) this.logJson({ error: report.error });
    else process.stderr.write(errorText(report));
    this.debug(error);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** One line of a JSON stream. */
  protected logJsonLine(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }

  protected usageError(message: string, hint: string): RocError {
    return new RocError('ROC_USAGE', message, { hint });
  }
}

function isSilentExit(error: unknown): error is { oclif: { exit: number } } {
  return error instanceof Error && (error as { code?: string }).code === 'EEXIT';
}
