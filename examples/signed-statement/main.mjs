// Signs a month's statement with a key that stands neither in the package nor in the log.
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readAsset } from './assets.mjs';

const { month = '2025-03', careless = false } = JSON.parse(readFileSync(process.env.ROC_INPUT, 'utf8')) ?? {};

try {
  console.log('::progress 0 reading what it needs');
  const [company, key] = [await readAsset('company'), await readAsset('statement-key')];
  console.log(`::progress 50 statement of ${company} for ${month}`);
  const statement = { company, month, movements: 12, balance: '4178.20' };
  const signature = createHmac('sha256', key).update(JSON.stringify(statement)).digest('hex');
  if (careless) console.log(`signed with ${key}`);
  writeFileSync(process.env.ROC_OUTPUT, JSON.stringify({ statement, signature }));
  console.log('::progress 100 signed');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
