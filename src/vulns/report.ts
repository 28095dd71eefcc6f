/** roc vulns report: inputs → one model → decisions → plan, memory, gates, outputs. Gather, decide, apply. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import type { Intake } from './collect/collector.js';
import { joinEvidence } from './collect/evidence.js';
import type { FinishedPart } from './collect/finish-partition.js';
import { type JoinedIntake, joinIntakes } from './collect/join-intakes.js';
import { findLinks } from './collect/links.js';
import { moveLinked } from './collect/move-linked.js';
import { type FinishRequest, finishInline } from './collect/run-finish.js';
import type { Settings } from './collect/settings.js';
import type { Evidence } from './decide/facts.js';
import { type Gathered, gatherSettings, withScope } from './gather.js';
import { makeHead } from './head.js';
import { type IntakeRun, inlineReaders, runIntake } from './intake/run-intake.js';
import { findInputs, type InputFile } from './intake/source.js';
import { type LiveResult, readLive } from './live.js';
import { isPentestFile, readPentestFile } from './pentest/read-file.js';
import type { ReportHead } from './report-model.js';
import type { ReportRequest, ReportResult } from './report-request.js';
import { createScratchFiles, type ScratchFiles } from './scratch-files.js';
import { staleSuppressions } from './stale-suppressions.js';
import { commitStore, lockStore, openTrackStore, readIndex, type StoreIndex } from './store/disk-store.js';
import { rememberedEvidence } from './store/remembered-evidence.js';
import { startThreads, type ThreadPool } from './threads/pool.js';
import { unreadGates } from './unread.js';
import { type View, writeOutputs } from './write-outputs.js';

const MB = 1024 * 1024;
/** Held in memory before the spool goes to disk. */
const SPOOL_BYTES = 64 * MB;
/** The same, for each of several threads. */
const THREAD_SPOOL_BYTES = 8 * MB;
/** Inputs below this are checked for duplicate member names, which costs as much as parsing. */
const ODD_KEYS_BELOW = 64 * MB;
/** Threads pay for themselves from about here. */
const THREADS_FROM = 48 * MB;

/**
 * Makes one report.
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID, ROC_INVALID_INPUT, ROC_CONFLICT
 */
export async function makeReport(request: ReportRequest): Promise<ReportResult> {
  const gathered = await gatherSettings(request);
  const files = await findInputs(request.inputs);
  const unlock = request.store === undefined ? () => {} : lockStore(request.store);
  const scratch = createScratchFiles();
  const threads = threadsFor(files, request);
  try {
    return await reportIn(scratch, request, gathered, files, threads);
  } finally {
    await threads?.close();
    scratch.close();
    unlock();
  }
}

async function reportIn(
  scratch: ScratchFiles,
  request: ReportRequest,
  { settings: before, feeds, warnings }: Gathered,
  files: readonly InputFile[],
  threads: ThreadPool | null,
): Promise<ReportResult> {
  const index = request.store === undefined ? null : readIndex(request.store);
  const run = await readInputs(scratch, request, files, threads, index);
  const intake = joinIntakes(run.intakes, run.problems, run.live?.gaps ?? []);
  if (request.strict === true) refuseProblems(intake, 'Leave --strict out to read the rest');
  const lost = lostRecords(intake);
  if (lost > 0 && intake.counts.records === 0) refuseProblems(intake, 'Nothing in the inputs could be read');
  const { listings = [], blind = [] } = run.live ?? {};
  const settings = withScope(before, { coverage: intake.coverage, listings, blind, lost });
  const evidence = evidenceOf(intake, run.live, request.store);
  const links = findLinks(intake.links);
  const parts = moveLinked(intake.parts, links, { scratch, memoryBytes: SPOOL_BYTES });
  const isLarge = threads !== null || parts.some((part) => part.file !== null);
  request.onProgress?.(`deciding ${intake.counts.observations} observations`);
  const finished = await finish(
    { settings, feeds: feeds.data, evidence, links, parts, onDisk: isLarge },
    { request, index, scratch, threads },
  );
  const stale = staleSuppressions(settings, finished);
  const head = makeHead({
    settings,
    scope: scopeOf(request, settings),
    feeds: feeds.states,
    intake,
    files: files.length,
    bytes: run.bytes,
    finished,
    warnings: [
      ...warnings,
      ...(run.live?.warnings ?? []),
      ...stale.warnings,
      ...lostWarning(lost, request),
      ...ignoredWarning(intake),
    ],
    gates: [
      ...stale.gates,
      ...unreadGates(settings.gates, settings.policy, {
        ...{ lost, files: files.length, listings: run.live === null ? null : listings.length },
      }),
    ],
  });
  const runs = finished.flatMap((part) => part.runs);
  request.onProgress?.('writing');
  const shown = await writeOutputs(head, runs, request.outputs ?? [], request.stdout, viewOf(request));
  if (request.store !== undefined && index !== null)
    commitStore(
      request.store,
      index,
      finished.flatMap((part) => part.segments),
      run.live?.watermarks ?? {},
      journalOf(head),
    );
  const incomplete = run.live?.failure ?? null;
  // Whatever else it found: who asked for everything and did not get it learns that first.
  const exitCode = incomplete?.exitCode ?? (head.gates.some((gate) => !gate.passed) ? 3 : 0);
  return { head, ...shown, incomplete, exitCode };
}

function scopeOf(request: ReportRequest, { policy, table }: Settings): ReportHead['scope'] {
  return {
    inputs: request.inputs,
    declared: request.scope ?? [],
    live: request.live?.services ?? [],
    store: request.store !== undefined,
    policy: request.policy ?? 'default',
    policySha256: canonicalSha256({ policy, table }),
    baseline: request.baseline ?? null,
    table: policy.table,
  };
}

function viewOf({ top, since, group }: ReportRequest): View {
  return { top: top ?? 100, since: since ?? null, group: group ?? null };
}

function lostWarning(lost: number, { store }: ReportRequest): readonly string[] {
  if (lost === 0 || store === undefined) return [];
  return [`${lost} records could not be read, so nothing that is absent counts as fixed`];
}

function ignoredWarning({ counts }: JoinedIntake): readonly string[] {
  const { ignored } = counts.drops;
  if (ignored === 0) return [];
  return [
    `${ignored} findings were set aside by the scanners' own ignore rules: roc knows neither why nor until when`,
  ];
}

// A finding that is as it was is decided as it was: what others prove about its resource is remembered as well.
function evidenceOf(intake: JoinedIntake, live: LiveResult | null, store: string | undefined): Evidence {
  const isDelta = live?.listings.some((listing) => listing.delta) === true;
  return isDelta && store !== undefined
    ? joinEvidence([intake.evidence, rememberedEvidence(store)])
    : intake.evidence;
}

// A null among the records hides nothing; anything else that was left out may have been a finding.
function lostRecords({ counts }: JoinedIntake): number {
  return counts.skipped - (counts.problems['null-record'] ?? 0);
}

function threadsFor(files: readonly InputFile[], request: ReportRequest): ThreadPool | null {
  const size = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const jobs = request.jobs ?? Math.min(4, availableParallelism());
  const script = join(request.packageRoot, 'dist', 'workers', 'vulns.worker.js');
  if (jobs < 2 || size < THREADS_FROM || !existsSync(script)) return null;
  return startThreads(script, jobs);
}

interface ReadInputs extends IntakeRun {
  readonly intakes: readonly Intake[];
  readonly live: LiveResult | null;
}

async function readInputs(
  scratch: ScratchFiles,
  request: ReportRequest,
  files: readonly InputFile[],
  threads: ThreadPool | null,
  index: StoreIndex | null,
): Promise<ReadInputs> {
  const size = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const options = {
    memoryBytes: threads === null ? SPOOL_BYTES : THREAD_SPOOL_BYTES,
    checkKeys: request.strict === true || size < ODD_KEYS_BELOW,
  };
  const readers = threads === null ? inlineReaders({ ...options, scratch }) : await threads.readers(options);
  const written = files.filter(isPentestFile);
  const others = files.filter((file) => !isPentestFile(file));
  const run = await runIntake(others, readers, request.stdin ?? process.stdin, (total) =>
    request.onProgress?.(`read ${Math.round(total / 1e6)} of ${Math.round(size / 1e6)} MB`),
  );
  const problems = [...run.problems];
  let bytes = run.bytes;
  for (const file of written) {
    const read = await readPentestFile(file);
    bytes += read.bytes;
    if (read.problem !== null) problems.push(read.problem);
    for (const batch of read.batches) await readers.batch(batch);
  }
  const live =
    request.live === undefined
      ? null
      : await readLive(request.live, index?.watermarks ?? {}, request.now, (batch) => readers.batch(batch));
  return { problems, bytes: bytes + (live?.bytes ?? 0), live, intakes: await readers.finish() };
}

interface FinishPlace {
  readonly request: ReportRequest;
  readonly index: StoreIndex | null;
  readonly scratch: ScratchFiles;
  readonly threads: ThreadPool | null;
}

async function finish(
  work: FinishRequest,
  { request, index, scratch, threads }: FinishPlace,
): Promise<FinishedPart[]> {
  const place = request.store === undefined || index === null ? null : { dir: request.store, index };
  if (threads !== null) return threads.finish(work, place);
  const store = place === null ? null : openTrackStore(place.dir, place.index, scratch);
  return finishInline(work, store, scratch);
}

function journalOf(head: ReportHead): { at: string; [fact: string]: unknown } {
  return {
    at: head.generatedAt,
    scope: head.scope,
    summary: head.summary,
    feeds: head.feeds.map(({ name, date }) => ({ name, date })),
    gates: head.gates,
  };
}

function refuseProblems({ problems }: JoinedIntake, advice: string): void {
  const [first] = problems;
  if (first === undefined) return;
  const all = problems.length > 1 ? ` (${problems.length} problems in all)` : '';
  throw new RocError('ROC_INVALID_INPUT', `${first.file} at byte ${first.offset}: ${first.message}`, {
    hint: `Correct the input${all}. ${advice}.`,
    details: { problems: problems.slice(0, 100) },
  });
}
