/** What a rule of a security group lets through. Pure. */
import type { Rule } from '../facts.js';

/**
 * From half of all addresses there are, or more: whoever cuts the internet into pieces means the internet. What a prefix
 * list holds is not read.
 */
export function isOpen({ cidrs }: Rule): boolean {
  const share = (isOf: (cidr: string) => boolean) =>
    [...new Set(cidrs)]
      .filter(isOf)
      .reduce((sum, cidr) => sum + 2 ** -Number(cidr.split('/')[1] ?? '128'), 0);
  return (
    share((cidr) => !cidr.includes(':') && cidr.includes('/')) >= 0.5 ||
    share((cidr) => cidr.includes(':')) >= 0.5
  );
}

export function reaches({ protocol, from, to }: Rule, port: number): boolean {
  return protocol === '-1' || (protocol === 'tcp' && from <= port && port <= to);
}
