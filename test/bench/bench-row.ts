/** One line of a benchmark: a figure, the anchor measured beside it in the same run, and the aim it is held to. */

export interface BenchRow {
  /** What was measured: `roc --version`, `encrypt and store 256 MB`. */
  readonly case: string;
  readonly value: number;
  /** `ms`, `MB/s`, `jobs/s`, … of both `value` and `againstValue`. */
  readonly unit: string;
  /** What it is compared with: `node -e 0`, `raw AES-256-GCM`. */
  readonly against: string;
  /** Null where the anchor could not run on this machine (`aws --version` without aws). */
  readonly againstValue: number | null;
  /** value / againstValue, or null without an anchor. */
  readonly ratio: number | null;
  /** `ratio <= 1.3`, `value <= 60`; null for a figure that is only told. */
  readonly aim: string | null;
  /** Null where there is no aim, or where the aim needs an anchor that could not run. */
  readonly met: boolean | null;
}

export interface Measured {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly against: string;
  readonly againstValue: number | null;
}

/** Aim: value is at most `limit` times the anchor (times, sizes). */
export function ratioAtMost(measured: Measured, limit: number): BenchRow {
  return judged(measured, `ratio <= ${limit}`, (_, ratio) => (ratio === null ? null : ratio <= limit));
}

/** Aim: value is at least `limit` times the anchor (rates). */
export function ratioAtLeast(measured: Measured, limit: number): BenchRow {
  return judged(measured, `ratio >= ${limit}`, (_, ratio) => (ratio === null ? null : ratio >= limit));
}

/** Aim: value itself is at most `limit`, whatever the anchor. */
export function valueAtMost(measured: Measured, limit: number): BenchRow {
  return judged(measured, `value <= ${limit}`, (value) => value <= limit);
}

/** Aim: value itself is at least `limit`, whatever the anchor. */
export function valueAtLeast(measured: Measured, limit: number): BenchRow {
  return judged(measured, `value >= ${limit}`, (value) => value >= limit);
}

/** No aim: a figure that is told beside its anchor. */
export function told(measured: Measured): BenchRow {
  return judged(measured, null, () => null);
}

/** The middle of a list of samples; the mean of the two middles where their number is even. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** Percentile by linear interpolation between the nearest ranks. */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

function judged(
  measured: Measured,
  aim: string | null,
  judge: (value: number, ratio: number | null) => boolean | null,
): BenchRow {
  const { againstValue } = measured;
  const ratio = againstValue === null || againstValue === 0 ? null : measured.value / againstValue;
  return {
    ...measured,
    value: rounded(measured.value),
    againstValue: againstValue === null ? null : rounded(againstValue),
    ratio: ratio === null ? null : rounded(ratio),
    aim,
    met: judge(measured.value, ratio),
  };
}

// Four significant figures: what a shared machine can tell apart, and no more.
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
