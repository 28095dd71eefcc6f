/** One thing as people read it: a label and a value on each line. */
import { displayWidth } from './display-width.js';
import { printableValue } from './printable.js';

/** A field without a value is left out where it is undefined, and a hyphen where it is null. */
export type Field = readonly [label: string, value: string | number | null | undefined];

export function printFields(fields: readonly Field[]): void {
  process.stdout.write(formatFields(fields));
}

export function formatFields(fields: readonly Field[]): string {
  const shown = fields.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([label]) => displayWidth(label)));
  return shown.map(([label, value]) => `${label.padEnd(width)}  ${printableValue(value)}\n`).join('');
}
