// Sums the invoices of some months by customer. Input: ROC_INPUT or stdin; output: ROC_OUTPUT or stdout.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCsv } from './csv.mjs';
import { InputError, readInput } from './input.mjs';
import { createLedger } from './ledger.mjs';

const data = new URL('./data/', import.meta.url);

try {
  await main();
} catch (error) {
  // The last line on stderr is what people see as the reason.
  console.error(error instanceof InputError ? error.message : error);
  process.exitCode = error instanceof InputError ? 2 : 1;
}

async function main() {
  const { months, pauseMs } = readInput(availableMonths());
  const customers = JSON.parse(readFileSync(new URL('customers.json', data), 'utf8'));
  const ledger = createLedger(customers);
  for (const [page, month] of months.entries()) {
    progress((page / months.length) * 100, `reading ${month}`);
    const file = fileOf(month);
    const rows = parseCsv(readFileSync(new URL(file, data), 'utf8'));
    const before = ledger.count();
    for (const row of rows) ledger.add(file, month, row);
    console.log(`${file}: ${ledger.count() - before} of ${rows.length} invoices are good`);
    await sleep(pauseMs);
  }
  const report = { months, ...ledger.report() };
  for (const { file, line, reason } of report.problems) console.log(`left out: ${file}:${line}: ${reason}`);
  writeReport(report);
  progress(100, `${report.invoices} invoices, ${report.customers.length} customers`);
}

function availableMonths() {
  const names = readdirSync(data).map((name) => /^invoices-(\d{4}-\d{2})\.csv$/.exec(name)?.[1]);
  return names.filter((month) => month !== undefined).sort();
}

function fileOf(month) {
  return `invoices-${month}.csv`;
}

function writeReport(report) {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (process.env.ROC_OUTPUT) writeFileSync(process.env.ROC_OUTPUT, text);
  else process.stdout.write(text);
}

function progress(percent, message) {
  console.log(`::progress ${Math.round(percent)} ${message}`);
}
