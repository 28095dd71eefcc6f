/** Orders package versions of any ecosystem well enough to name the highest of several fixed versions. */

/** Negative when `a` is lower. Digits compare as numbers, `~` sorts before the end as in Debian and RPM. */
export function compareVersions(a: string, b: string): number {
  const [epochA, restA] = epoch(a);
  const [epochB, restB] = epoch(b);
  if (epochA !== epochB) return epochA - epochB;
  const [x, y] = [parts(restA), parts(restB)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const order = comparePart(x[i], y[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function epoch(version: string): [number, string] {
  const found = /^(\d{1,5}):(.*)$/.exec(version);
  return found === null ? [0, version] : [Number(found[1]), found[2] ?? ''];
}

function parts(version: string): string[] {
  return version.replace(/^v(?=\d)/, '').match(/\d+|[a-z]+|~/gi) ?? [];
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~') return -1;
  if (b === '~') return 1;
  if (a === undefined) return isWord(b) ? 1 : -1;
  if (b === undefined) return isWord(a) ? -1 : 1;
  if (isWord(a) !== isWord(b)) return isWord(a) ? -1 : 1;
  if (isWord(a)) return a < b ? -1 : 1;
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (x.length !== y.length) return x.length - y.length;
  return x === y ? 0 : x < y ? -1 : 1;
}

// Words after the numbers are pre-releases (1.0-rc1 < 1.0).
function isWord(part: string | undefined): boolean {
  return part !== undefined && !/^\d/.test(part);
}
