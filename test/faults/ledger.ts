/** The robots' own account of what ran: each appends a line and fsyncs it, and roc has no part in it. */
import { existsSync, readFileSync } from 'node:fs';

export interface LedgerLine {
  readonly job: string;
  readonly epoch: number;
  readonly version: string;
  readonly phase: 'start' | 'end';
  /** Nanoseconds since the host started, by its clock that all processes share; told in steps of 10 ms. */
  readonly at: number;
}

/** The last line of every robot here: for which job and epoch it worked, which is compared with what the job got. */
export const GIVE_OUTPUT = 'printf \'{"job":"%s","epoch":%s}\' "$ROC_JOB_ID" "$ROC_EPOCH" > "$ROC_OUTPUT"\n';

/**
 * The robot: says that it starts, works for as long as its input says (`laterMs` after its first claim), says that it
 * ends. Plain shell, which costs the machine a tenth of what starting a Node does.
 */
export function ledgerRobot(version: string): Readonly<Record<string, string>> {
  return {
    'robot.yaml': `name: worker\nversion: ${version}\nentrypoint: [sh, main.sh]\nidempotent: true\n`,
    'main.sh': `read -r input < "$ROC_INPUT"
ledger=\${input#*\\"ledger\\":\\"}
ledger=\${ledger%%\\"*}
name=ms
case $ROC_EPOCH$input in 1\\{*) ;; *\\"laterMs\\"*) name=laterMs ;; esac
ms=\${input#*\\"$name\\":}
ms=\${ms%%[,\\}]*}
note() {
  read -r up _ < /proc/uptime
  at="\${up%.*}\${up#*.}0000000"
  printf '{"job":"%s","epoch":%s,"version":"${version}","phase":"%s","at":%s}\\n' "$ROC_JOB_ID" "$ROC_EPOCH" "$1" "$at" |
    dd of="$ledger" oflag=append conv=notrunc,fsync status=none
}
note start
sleep "$((ms / 1000)).$(printf %03d "$((ms % 1000))")"
note end
${GIVE_OUTPUT}`,
  };
}

/** A line that a kill cut short was never finished: what it would have said did not happen. */
export function readLedger(file: string): LedgerLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as LedgerLine];
    } catch {
      return [];
    }
  });
}
