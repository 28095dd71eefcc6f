/** What a rule of a security group lets through. Pure. */
import type { Rule } from '../facts.js';

const ANYBODY = new Set(['0.0.0.0/0', '::/0']);

/** From every address there is. Two halves of the internet are the internet as well. */
export function isOpen({ cidrs }: Rule): boolean {
  if (cidrs.some((cidr) => ANYBODY.has(cidr))) return true;
  return cidrs.includes('0.0.0.0/1') && cidrs.includes('128.0.0.0/1');
}

export function reaches({ protocol, from, to }: Rule, port: number): boolean {
  return protocol === '-1' || (protocol === 'tcp' && from <= port && port <= to);
}
