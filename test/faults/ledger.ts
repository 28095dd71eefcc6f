/** The robots' own account of what ran: each appends a line and fsyncs it, and roc has no part in it. */
import { existsSync, readFileSync } from 'node:fs';

export interface LedgerLine {
  readonly job: string;
  readonly epoch: number;
  readonly version: string;
  readonly phase: 'start' | 'end';
  /** Nanoseconds of the host's monotonic clock, which all its processes share. */
  readonly at: number;
}

/** The robot: says that it starts, works for as long as its input says (`laterMs` after its first claim), says that it ends. */
export function ledgerRobot(version: string): Readonly<Record<string, string>> {
  return {
    'robot.yaml': `name: worker\nversion: ${version}\nentrypoint: [node, main.js]\nidempotent: true\n`,
    'main.js': `const fs = require('node:fs');
const { ledger, ms, laterMs = ms } = JSON.parse(fs.readFileSync(process.env.ROC_INPUT, 'utf8'));
const file = fs.openSync(ledger, 'a');
function note(phase) {
  const line = { job: process.env.ROC_JOB_ID, epoch: Number(process.env.ROC_EPOCH), version: '${version}', phase, at: Number(process.hrtime.bigint()) };
  fs.writeSync(file, JSON.stringify(line) + '\\n');
  fs.fsyncSync(file);
}
note('start');
setTimeout(() => {
  note('end');
  fs.writeFileSync(process.env.ROC_OUTPUT, JSON.stringify({ version: '${version}', epoch: Number(process.env.ROC_EPOCH) }));
}, process.env.ROC_EPOCH === '1' ? ms : laterMs);
`,
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
