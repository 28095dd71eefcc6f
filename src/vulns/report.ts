/** roc vulns report: inputs → one model → decisions → plan, memory, gates, outputs. Gather, decide, apply. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RocError } from '../kernel/errors.js';
import { readPart } from './collect/finish-partition.js';
import { type JoinedIntake, joinIntakes } from './collect/join-intakes.js';
import { findLinks } from './collect/links.js';
import { moveLinked } from './collect/move-linked.js';
import { finishInline } from './collect/run-finish.js';
import type { Settings } from './collect/settings.js';
import type { GateRule } from './decide/gates.js';
import { NO_FEEDS } from './feeds/lookup.js';
import { makeHead } from './head.js';
import { inlineReaders, runIntake } from './intake/run-intake.js';
import { findInputs } from './intake/source.js';
import { loadAssets, loadPolicy, loadTable } from './load-policy.js';
import type { Finding } from './model.js';
import type { Format, OutputTarget } from './outputs/formats.js';
import type { ReportHead } from './report-model.js';
import { writeOutputs } from './write-outputs.js';

export interface ReportRequest {
  readonly inputs: readonly string[];
  /** Folder of the package, where the shipped policies are. */
  readonly packageRoot: string;
  readonly policy?: string | undefined;
  readonly assets?: string | undefined;
  /** Gates besides those of the policy. */
  readonly gates?: readonly GateRule[] | undefined;
  readonly outputs?: readonly OutputTarget[] | undefined;
  readonly stdout?: { readonly stream: Writable; readonly format: Format } | undefined;
  /** Any problem with an input is an error. @default false */
  readonly strict?: boolean | undefined;
  readonly stdin?: Readable | undefined;
  /** How many of the most urgent findings come back as objects. @default 100 */
  readonly top?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface ReportResult {
  readonly head: ReportHead;
  /** The most urgent findings. */
  readonly top: readonly Finding[];
}

const SPOOL_BYTES = 64 * 1024 * 1024;
const ODD_KEYS_BELOW = 64 * 1024 * 1024;

/**
 * Makes one report.
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID, ROC_INVALID_INPUT
 */
export async function makeReport(request: ReportRequest): Promise<ReportResult> {
  const dir = await mkdtemp(join(tmpdir(), 'roc-vulns-'));
  try {
    return await reportIn(dir, request);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function reportIn(dir: string, request: ReportRequest): Promise<ReportResult> {
  const settings = await gatherSettings(request);
  const files = await findInputs(request.inputs);
  const size = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const readers = inlineReaders({ dir, memoryBytes: SPOOL_BYTES, checkKeys: size < ODD_KEYS_BELOW });
  const run = await runIntake(files, readers, request.stdin ?? process.stdin, (total) =>
    request.onProgress?.(`read ${Math.round(total / 1e6)} MB`),
  );
  const intake = joinIntakes(run.intakes, run.problems);
  if (request.strict === true) refuseProblems(intake);
  const links = findLinks(intake.links, readPart);
  const parts = moveLinked(intake.parts, links, { dir, memoryBytes: SPOOL_BYTES });
  const isLarge = parts.some((part) => part.file !== null);
  const finished = finishInline(
    { settings, feeds: NO_FEEDS, evidence: intake.evidence, links, parts, dir: isLarge ? dir : null },
    null,
  );
  const head = makeHead({
    settings,
    scope: {
      inputs: request.inputs,
      declared: [],
      live: [],
      store: false,
      policy: request.policy ?? 'default',
      table: settings.policy.table,
    },
    feeds: [],
    intake,
    files: files.length,
    bytes: run.bytes,
    finished,
    warnings: [],
  });
  const runs = finished.flatMap((part) => part.runs).map(({ run: sorted }) => sorted);
  const top = await writeOutputs(head, runs, request.outputs ?? [], request.stdout, request.top ?? 100);
  return { head, top };
}

async function gatherSettings(request: ReportRequest): Promise<Settings> {
  const policy = await loadPolicy(request.packageRoot, request.policy);
  return {
    policy,
    table: await loadTable(request.packageRoot, policy.table),
    assets: request.assets === undefined ? [] : await loadAssets(request.assets),
    gates: [...policy.gates, ...(request.gates ?? [])],
    vex: [],
    scope: { declared: null, targets: [], listings: [] },
    hasStore: false,
    now: request.now,
  };
}

function refuseProblems({ problems }: JoinedIntake): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new RocError('ROC_INVALID_INPUT', `${first.file} at byte ${first.offset}: ${first.message}`, {
    hint: `Correct the input${problems.length > 1 ? ` (${problems.length} problems in all)` : ''}, or leave --strict out to read the rest.`,
    details: { problems: problems.slice(0, 100) },
  });
}
