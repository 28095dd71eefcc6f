/** An output takes the report's head, then each finding in order of urgency, then the end. */
import type { FindingGroup } from '../groups.js';
import type { Finding } from '../model.js';
import type { ReportHead } from '../report-model.js';
import type { ByteWriter } from './writer.js';

export interface Sink {
  /** The finding as JSON bytes, valid only during the call; a sink that needs the object asks for it. */
  finding(json: Buffer, parsed: () => Finding): void;
  /** @param groups where they were asked for */
  end(groups: readonly FindingGroup[] | null): void;
}

/** Begins an output: writes what comes before the findings. */
export type OpenSink = (head: ReportHead, writer: ByteWriter) => Sink;
