/** Exceptions: a finding that one covers stays in the list, with the reason and the day it ends. */
import type { StackSettings } from '../settings.js';
import type { Finding, JudgedFinding } from './finding.js';
import type { Waiver } from './policy.js';

export interface WaiverScope {
  readonly settings: Pick<StackSettings, 'env' | 'compute' | 'exposure'>;
  /** Epoch milliseconds; an exception ends with its last day, in UTC. */
  readonly now: number;
}

export function waive(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  scope: WaiverScope,
): JudgedFinding[] {
  const inForce = waivers.filter((waiver) => isInForce(waiver, scope));
  return findings.map((finding) => {
    const waiver = inForce.find((candidate) => covers(candidate, finding));
    return {
      ...finding,
      waived: waiver !== undefined,
      waiver: waiver === undefined ? null : { reason: waiver.reason, expires: waiver.expires },
    };
  });
}

function isInForce({ when, expires }: Waiver, { settings, now }: WaiverScope): boolean {
  const fitsStack =
    (when?.env === undefined || when.env.includes(settings.env)) &&
    (when?.compute === undefined || when.compute === settings.compute) &&
    (when?.exposure === undefined || when.exposure === settings.exposure);
  return fitsStack && Date.parse(`${expires}T23:59:59.999Z`) >= now;
}

function covers({ rule, details, resources }: Waiver, { id, resource }: Finding): boolean {
  const [, base = id, detail = ''] = /^([^[]+)\[(.*)\]$/s.exec(id) ?? [];
  return (
    base === rule &&
    (details === undefined || details.some((pattern) => fits(pattern, detail))) &&
    resources.some((pattern) => fits(pattern, resource))
  );
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
