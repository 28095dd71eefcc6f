/** Statistics over samples, as CloudWatch computes them. */

/** Undefined where there is no such statistic. */
export function statisticOf(name: string, samples: readonly number[]): number {
  const sum = samples.reduce((total, sample) => total + sample, 0);
  const known: Readonly<Record<string, number>> = {
    Sum: sum,
    Average: sum / samples.length,
    Minimum: Math.min(...samples),
    Maximum: Math.max(...samples),
    SampleCount: samples.length,
  };
  const percent = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1];
  if (percent === undefined) return known[name]!;
  const ordered = [...samples].sort((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil((Number(percent) / 100) * ordered.length) - 1)]!;
}
