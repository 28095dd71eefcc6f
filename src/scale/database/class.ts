/** Classes of RDS instances: their memory, their neighbours, and how many connections MySQL gives them. Pure. */

const GIB = 2 ** 30;

/** Sizes in order; each has twice the memory of the one before it. */
const SIZES = [
  'micro',
  'small',
  'medium',
  'large',
  'xlarge',
  '2xlarge',
  '4xlarge',
  '8xlarge',
  '16xlarge',
  '24xlarge',
  '32xlarge',
];

/** GiB of memory of the size `large`, by family: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
const LARGE_GIB: readonly { family: RegExp; gib: number; smallest: string; sizes?: RegExp }[] = [
  { family: /^t(3|4g)$/, gib: 8, smallest: 'micro', sizes: /^(micro|small|medium|large|xlarge|2xlarge)$/ },
  { family: /^m\d+[a-z]*$/, gib: 8, smallest: 'large' },
  { family: /^r\d+[a-z]*$/, gib: 16, smallest: 'large' },
  { family: /^c\d+[a-z]*$/, gib: 4, smallest: 'medium' },
  { family: /^x2g$/, gib: 32, smallest: 'large' },
];

/** Bytes; null for a class that is not known. */
export function classMemory(dbClass: string): number | null {
  const [, family = '', size = ''] = /^db\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(dbClass) ?? [];
  const row = LARGE_GIB.find((one) => one.family.test(family));
  const steps = stepsFromLarge(size);
  return row === undefined || steps === null ? null : row.gib * 2 ** steps * GIB;
}

/** The class one size up or down in the same family; null where there is none or the class is not known. */
export function neighbourClass(dbClass: string, direction: 1 | -1): string | null {
  const [, family = '', size = ''] = /^db\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(dbClass) ?? [];
  const row = LARGE_GIB.find((one) => one.family.test(family));
  // Families skip sizes above 16xlarge each in their own way.
  const sizes = SIZES.slice(0, SIZES.indexOf('16xlarge') + 1);
  const at = sizes.indexOf(size);
  const next = sizes[at + direction];
  if (row === undefined || at < 0 || next === undefined) return null;
  if (sizes.indexOf(next) < sizes.indexOf(row.smallest)) return null;
  return row.sizes?.test(next) === false ? null : `db.${family}.${next}`;
}

/**
 * How many connections MySQL takes where nobody set it: RDS's formula `{DBInstanceClassMemory/12582880}`. The memory
 * that RDS counts is a little less than the class has, so the real number is a little lower.
 */
export function usualMaxConnections(dbClass: string): number | null {
  const memory = classMemory(dbClass);
  return memory === null ? null : Math.floor(memory / 12_582_880);
}

function stepsFromLarge(size: string): number | null {
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  if (times !== undefined) return Math.log2(Number(times)) + 1;
  const at = ['micro', 'small', 'medium', 'large', 'xlarge'].indexOf(size);
  return at < 0 ? null : at - 3;
}
