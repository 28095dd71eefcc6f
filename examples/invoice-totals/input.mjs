// What the robot was asked to do, checked once more: it may also be started by hand.
import { readFileSync } from 'node:fs';

const DEFAULT_PAUSE_MS = 500;

export class InputError extends Error {}

export function readInput(available) {
  const input = parse(readFileSync(process.env.ROC_INPUT ?? 0, 'utf8'));
  const { months = available, pauseMs = DEFAULT_PAUSE_MS, ...rest } = input;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new InputError(`the input has an unknown member "${unknown}"`);
  if (!Array.isArray(months) || months.length === 0)
    throw new InputError('months: expected a list, like ["2025-03"]');
  const missing = months.find((month) => !available.includes(month));
  if (missing !== undefined)
    throw new InputError(
      `months: there are no invoices for ${JSON.stringify(missing)}; there are some for ${available.join(', ')}`,
    );
  if (!Number.isInteger(pauseMs) || pauseMs < 0 || pauseMs > 2000)
    throw new InputError(`pauseMs: expected a whole number from 0 to 2000, got ${JSON.stringify(pauseMs)}`);
  return { months: [...new Set(months)].sort(), pauseMs };
}

function parse(text) {
  if (text.trim() === '') return {};
  let input;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new InputError(`the input is not JSON: ${error.message}`);
  }
  if (input === null) return {};
  if (typeof input !== 'object' || Array.isArray(input))
    throw new InputError('the input: expected a JSON object');
  return input;
}
