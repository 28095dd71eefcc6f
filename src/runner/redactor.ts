/** Hides secrets in text that leaves the robot: as they are, line by line, and as they are commonly written. */

export interface Redactor {
  /** From now on this is hidden. What is shorter than four characters is not: it would hide half of every line. */
  add(secret: string): void;
  redact(text: string): string;
  /** UTF-16 code units of the longest text that is hidden; 0 where nothing is. */
  readonly longest: number;
}

const SHORTEST = 4;
const HIDDEN = '***';

export function createRedactor(): Redactor {
  const needles = new Set<string>();
  let pattern: RegExp | null = null;
  let longest = 0;
  return {
    add(secret) {
      for (const text of waysToWrite(secret)) if (text.length >= SHORTEST) needles.add(text);
      // The longest first: what holds another one is hidden whole.
      const ordered = [...needles].sort((a, b) => b.length - a.length);
      longest = ordered[0]?.length ?? 0;
      pattern = ordered.length === 0 ? null : new RegExp(ordered.map(escaped).join('|'), 'g');
    },
    redact: (text) => (pattern === null ? text : text.replace(pattern, HIDDEN)),
    get longest() {
      return longest;
    },
  };
}

/** A log has no line ends inside its lines: of a secret of several, each is hidden. */
function waysToWrite(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const plain = [...new Set([secret.trim(), ...lines])];
  const bytes = [Buffer.from(secret), Buffer.from(`${secret}\n`), Buffer.from(secret.trim())];
  return [
    ...plain,
    ...plain.map((text) => JSON.stringify(text).slice(1, -1)),
    ...plain.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'))),
    ...bytes.flatMap((one) => [one.toString('base64'), one.toString('base64url'), one.toString('hex')]),
  ];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
