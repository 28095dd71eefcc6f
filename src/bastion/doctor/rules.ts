/** Security group and network ACL arithmetic for IPv4. Pure. */
import type { AclEntry, Rule } from './facts.js';

/** Whether `cidr` holds the address. */
export function cidrHolds(cidr: string, ip: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const left = addressNumber(base);
  const right = addressNumber(ip);
  if (left === null || right === null) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(left / size) === Math.floor(right / size);
}

export interface Peer {
  readonly ip: string | null;
  readonly groups: readonly string[];
}

/** Whether one of the rules lets TCP to `port` pass from or to the peer. */
export function rulesAllow(rules: readonly Rule[], port: number, peer: Peer): boolean {
  return rules.some((rule) => coversPort(rule, port) && coversPeer(rule, peer));
}

/** Whether any rule lets TCP to `port` pass, to whomever. */
export function rulesMention(rules: readonly Rule[], port: number): boolean {
  return rules.some((rule) => coversPort(rule, port));
}

/** What the ACL does with TCP to `port` from or to `ip`: the lowest matching number decides, and no match is a no. */
export function aclAllows(
  entries: readonly AclEntry[],
  isEgress: boolean,
  port: number,
  ip: string,
): boolean {
  const ordered = entries.filter((entry) => entry.isEgress === isEgress).sort((a, b) => a.number - b.number);
  const match = ordered.find(
    ({ protocol, cidr, fromPort, toPort }) =>
      (protocol === '-1' || (protocol === '6' && fromPort <= port && port <= toPort)) && cidrHolds(cidr, ip),
  );
  return match?.isAllow ?? false;
}

function coversPort({ protocol, fromPort, toPort }: Rule, port: number): boolean {
  return protocol === '-1' || (protocol === 'tcp' && fromPort <= port && port <= toPort);
}

function coversPeer(rule: Rule, { ip, groups }: Peer): boolean {
  if (rule.groups.some((group) => groups.includes(group))) return true;
  return ip !== null && rule.cidrs.some((cidr) => cidrHolds(cidr, ip));
}

function addressNumber(ip: string): number | null {
  const parts = ip.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
