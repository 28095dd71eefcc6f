// Lines that vitest's reporters have for the summary at the end: they run in another process than the one that prints it.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Kept in the file that ROC_TEST_NOTES names, where it names one. */
export function noteForSummary(line) {
  if (process.env.ROC_TEST_NOTES) appendFileSync(process.env.ROC_TEST_NOTES, `${line}\n`);
}

export function readNotes(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}
