/** What a caller asks of a report, and what it hands back beside the outputs. */
import type { Readable, Writable } from 'node:stream';
import type { RocError } from '../kernel/errors.js';
import type { GatherRequest } from './gather-request.js';
import type { FindingGroup, Grouping } from './groups.js';
import type { LiveRequest } from './live.js';
import type { Finding } from './model.js';
import type { Format, OutputTarget } from './outputs/formats.js';
import type { ReportHead } from './report-model.js';

export interface ReportRequest extends GatherRequest {
  /** Files and folders; `-` is standard input. */
  readonly inputs: readonly string[];
  readonly live?: LiveRequest | undefined;
  readonly outputs?: readonly OutputTarget[] | undefined;
  readonly stdout?: { readonly stream: Writable; readonly format: Format } | undefined;
  /** Any problem with an input is an error. @default false */
  readonly strict?: boolean | undefined;
  readonly stdin?: Readable | undefined;
  /** How many of the most urgent findings come back as objects. @default 100 */
  readonly top?: number | undefined;
  /** Of those, only the ones first seen since then, epoch milliseconds; outputs and gates have all. */
  readonly since?: number | undefined;
  readonly group?: Grouping | undefined;
  /** Worker threads for large inputs; 1 works on the calling thread. @default the cores, at most 4 */
  readonly jobs?: number | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface ReportResult {
  readonly head: ReportHead;
  /** The most urgent findings. */
  readonly top: readonly Finding[];
  readonly groups: readonly FindingGroup[] | null;
  /** A live service that could not be read whole: the report says so in its coverage, and is not the last word. */
  readonly incomplete: RocError | null;
  /** What the command ends with: the failure of a live service, else 3 when a gate failed, else 0. */
  readonly exitCode: number;
}
