/** Sends the findings once through all outputs, most urgent first. */
import type { Writable } from 'node:stream';
import { mergeRuns } from './collect/merge-runs.js';
import type { Run } from './collect/run-file.js';
import { createGrouper, type FindingGroup, type Grouping } from './groups.js';
import type { Finding } from './model.js';
import { FORMATS, type Format, type OutputTarget } from './outputs/formats.js';
import { type ByteWriter, fileWriter, streamWriter } from './outputs/writer.js';
import type { ReportHead } from './report-model.js';

export interface Shown {
  /** The first findings that the viewer wants, in order. */
  readonly top: readonly Finding[];
  readonly groups: readonly FindingGroup[] | null;
}

export interface View {
  /** How many findings to hand back. */
  readonly top: number;
  /** Only those first seen since then, epoch milliseconds; outputs and groups have all. */
  readonly since: number | null;
  readonly group: Grouping | null;
}

export async function writeOutputs(
  head: ReportHead,
  runs: readonly Run[],
  outputs: readonly OutputTarget[],
  stdout: { readonly stream: Writable; readonly format: Format } | undefined,
  { top, since, group }: View,
): Promise<Shown> {
  const writers: ByteWriter[] = [];
  try {
    const targets = [
      ...outputs.map(({ file, format }) => ({ writer: fileWriter(file), format })),
      ...(stdout === undefined ? [] : [{ writer: streamWriter(stdout.stream), format: stdout.format }]),
    ];
    writers.push(...targets.map(({ writer }) => writer));
    const sinks = targets.map(({ writer, format }) => FORMATS[format](head, writer));
    const first: Finding[] = [];
    const grouper = group === null ? null : createGrouper(group);
    const isWanted = (finding: Finding): boolean =>
      since === null || finding.firstSeen === null || Date.parse(finding.firstSeen) >= since;
    await mergeRuns(runs, (json) => {
      let object: Finding | undefined;
      const parsed = (): Finding => {
        object ??= JSON.parse(json.toString('utf8')) as Finding;
        return object;
      };
      if (first.length < top && isWanted(parsed())) first.push(parsed());
      grouper?.add(parsed());
      for (const sink of sinks) sink.finding(json, parsed);
      for (const writer of writers) {
        const waiting = writer.ready();
        if (waiting !== undefined) return waiting;
      }
      return undefined;
    });
    const groups = grouper?.groups() ?? null;
    for (const sink of sinks) sink.end(groups);
    for (const writer of writers) await writer.close();
    return { top: first, groups };
  } catch (error) {
    for (const writer of writers) writer.abandon();
    throw error;
  }
}
