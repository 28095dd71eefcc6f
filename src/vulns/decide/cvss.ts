/** CVSS vectors: what the decision tables need of them, and the v3 base score (FIRST, CVSS v3.1 specification §7.1). */

export interface VectorFacts {
  readonly version: '2' | '3' | '4';
  readonly metrics: ReadonlyMap<string, string>;
}

/** Null when the text is no CVSS vector; v2 vectors have no prefix and are known by `Au:`. */
export function parseVector(text: string | undefined): VectorFacts | null {
  if (text === undefined || text.length > 400) return null;
  const metrics = new Map<string, string>();
  for (const part of text.replace(/^\(|\)$/g, '').split('/')) {
    const colon = part.indexOf(':');
    if (colon <= 0) return null;
    metrics.set(part.slice(0, colon), part.slice(colon + 1));
  }
  const version = metrics.get('CVSS');
  if (version?.startsWith('4') && metrics.has('VC')) return { version: '4', metrics };
  if (metrics.has('Au') && metrics.has('AC')) return { version: '2', metrics };
  return metrics.has('PR') && metrics.has('UI') && metrics.has('C') ? { version: '3', metrics } : null;
}

/** Can an attacker automate it: over the network, without complexity, privileges or a user's help. */
export function automatable({ version, metrics }: VectorFacts): 'yes' | 'no' {
  if (version === '4' && (metrics.get('AU') === 'Y' || metrics.get('AU') === 'N'))
    return metrics.get('AU') === 'Y' ? 'yes' : 'no';
  const isOpen = metrics.get('AV') === 'N' && metrics.get('AC') === 'L';
  if (version === '2') return isOpen && metrics.get('Au') === 'N' ? 'yes' : 'no';
  const needsNothing =
    metrics.get('PR') === 'N' && metrics.get('UI') === 'N' && (metrics.get('AT') ?? 'N') === 'N';
  return isOpen && needsNothing ? 'yes' : 'no';
}

/** Total control of the component: confidentiality and integrity both lost. */
export function technicalImpact({ version, metrics }: VectorFacts): 'total' | 'partial' {
  const [c, i, all] = version === '4' ? ['VC', 'VI', 'H'] : ['C', 'I', version === '2' ? 'C' : 'H'];
  return metrics.get(c) === all && metrics.get(i) === all ? 'total' : 'partial';
}

const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  CIA: { H: 0.56, L: 0.22, N: 0 },
};
const PRIVILEGES: Readonly<Record<'U' | 'C', Readonly<Record<string, number>>>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
};

/** Base score 0.0 to 10.0 of a v3.0 or v3.1 vector; null for other versions and incomplete vectors. */
export function baseScore({ version, metrics }: VectorFacts): number | null {
  if (version !== '3') return null;
  const scope = metrics.get('S') === 'C' ? 'C' : 'U';
  const av = weight('AV', metrics.get('AV'));
  const ac = weight('AC', metrics.get('AC'));
  const ui = weight('UI', metrics.get('UI'));
  const pr = PRIVILEGES[scope][metrics.get('PR') ?? ''];
  const [c, i, a] = ['C', 'I', 'A'].map((name) => weight('CIA', metrics.get(name)));
  if ([av, ac, ui, pr, c, i, a].some((value) => value === undefined)) return null;
  const loss = 1 - (1 - (c ?? 0)) * (1 - (i ?? 0)) * (1 - (a ?? 0));
  const impact = scope === 'U' ? 6.42 * loss : 7.52 * (loss - 0.029) - 3.25 * (loss - 0.02) ** 15;
  if (impact <= 0) return 0;
  const exploitability = 8.22 * (av ?? 0) * (ac ?? 0) * (pr ?? 0) * (ui ?? 0);
  return roundUp(Math.min(scope === 'U' ? impact + exploitability : 1.08 * (impact + exploitability), 10));
}

function weight(metric: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : WEIGHTS[metric]?.[value];
}

// The specification's appendix A: rounding up in integers, because floats would turn 4.0 into 4.1.
function roundUp(value: number): number {
  const scaled = Math.round(value * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}
