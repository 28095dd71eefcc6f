/** A unit of systemd as text, read strictly: a key that is not known here is an error, as a misspelt one is ignored there. */

const KEYS: Readonly<Record<string, readonly string[]>> = {
  Unit: ['Description', 'After', 'Wants', 'Requires', 'StartLimitIntervalSec'],
  Service: [
    ...['Type', 'Environment', 'ExecStart', 'ExecStartPre', 'ExecStop', 'ExecStopPost'],
    ...['TimeoutStartSec', 'TimeoutStopSec', 'Restart', 'RestartSec'],
  ],
  Timer: ['OnBootSec', 'OnUnitInactiveSec', 'OnCalendar', 'RandomizedDelaySec', 'Persistent'],
  Install: ['WantedBy'],
};

export interface UnitFile {
  /** All values of a key, by `Section.Key`. */
  values(key: string): string[];
  value(key: string): string | null;
}

interface ExecLine {
  /** Its failure does not fail the unit. */
  readonly mayFail: boolean;
  readonly words: readonly string[];
}

export function readUnit(text: string): UnitFile {
  const found: [string, string][] = [];
  let section = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const head = /^\[(\w+)\]$/.exec(line)?.[1];
    if (head !== undefined) {
      if (!(head in KEYS)) throw new TypeError(`no section of a unit: ${line}`);
      section = head;
      continue;
    }
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (!KEYS[section]?.includes(key)) throw new TypeError(`[${section}] knows no ${line}`);
    found.push([`${section}.${key}`, value]);
  }
  const values = (key: string) => found.filter(([name]) => name === key).map(([, value]) => value);
  return { values, value: (key) => values(key).at(-1) ?? null };
}

/** Words between blanks; specifiers and variables, which no unit of ours needs, are refused. */
export function readExec(line: string): ExecLine {
  const mayFail = line.startsWith('-');
  const words = line.slice(mayFail ? 1 : 0).split(/\s+/);
  const odd = words.find((word) => /[%"'\\;]|\$/.test(word.replaceAll('{{.ID}}', '')));
  if (odd !== undefined) throw new TypeError(`systemd would read ${odd} in its own way`);
  if (!words[0]?.startsWith('/')) throw new TypeError(`systemd wants a whole path: ${words[0]}`);
  return { mayFail, words };
}
