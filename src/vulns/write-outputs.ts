/** Sends the findings once through all outputs, most urgent first. */
import type { Writable } from 'node:stream';
import { mergeRuns } from './collect/merge-runs.js';
import type { Run } from './collect/run-file.js';
import type { Finding } from './model.js';
import { FORMATS, type Format, type OutputTarget } from './outputs/formats.js';
import { type ByteWriter, fileWriter, streamWriter } from './outputs/writer.js';
import type { ReportHead } from './report-model.js';

/** @returns the first `top` findings */
export async function writeOutputs(
  head: ReportHead,
  runs: readonly Run[],
  outputs: readonly OutputTarget[],
  stdout: { readonly stream: Writable; readonly format: Format } | undefined,
  top: number,
): Promise<Finding[]> {
  const writers: ByteWriter[] = [];
  try {
    const targets = [
      ...outputs.map(({ file, format }) => ({ writer: fileWriter(file), format })),
      ...(stdout === undefined ? [] : [{ writer: streamWriter(stdout.stream), format: stdout.format }]),
    ];
    writers.push(...targets.map(({ writer }) => writer));
    const sinks = targets.map(({ writer, format }) => FORMATS[format](head, writer));
    const first: Finding[] = [];
    await mergeRuns(runs, (json) => {
      let object: Finding | undefined;
      const parsed = (): Finding => {
        object ??= JSON.parse(json.toString('utf8')) as Finding;
        return object;
      };
      if (first.length < top) first.push(parsed());
      for (const sink of sinks) sink.finding(json, parsed);
      for (const writer of writers) {
        const waiting = writer.ready();
        if (waiting !== undefined) return waiting;
      }
      return undefined;
    });
    for (const sink of sinks) sink.end();
    for (const writer of writers) await writer.close();
    return first;
  } catch (error) {
    for (const writer of writers) writer.abandon();
    throw error;
  }
}
