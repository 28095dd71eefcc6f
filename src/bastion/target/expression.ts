/** What a person may write as TARGET, and which instances it means. Pure. */
import { RocError } from '../../kernel/errors.js';
import type { Target } from '../model.js';

export type TargetExpression =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'ip'; readonly ip: string }
  | { readonly kind: 'tags'; readonly tags: readonly (readonly [key: string, value: string])[] }
  /** A Name tag, or the private DNS name. */
  | { readonly kind: 'name'; readonly name: string };

/** @throws RocError ROC_USAGE */
export function parseTarget(text: string): TargetExpression {
  if (/^(i-[0-9a-f]{8,17}|mi-[0-9a-f]{17}|ecs:\S+)$/.test(text)) return { kind: 'id', id: text };
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return { kind: 'ip', ip: text };
  if (text.includes('=')) return { kind: 'tags', tags: text.split(',').map(parseTag) };
  if (text.trim() === '') throw notATarget(text);
  return { kind: 'name', name: text };
}

export function matchTargets(expression: TargetExpression, targets: readonly Target[]): Target[] {
  return targets.filter((target) => isMatch(expression, target));
}

/**
 * The one that is meant: online ones go before others, and two are as wrong as none.
 * @throws RocError ROC_NOT_FOUND, ROC_USAGE
 */
export function pickOne(text: string, matches: readonly Target[]): Target {
  const online = matches.filter(({ ping }) => ping === 'Online');
  const candidates = online.length > 0 ? online : matches;
  const [one] = candidates;
  if (one === undefined) {
    throw new RocError('ROC_NOT_FOUND', `no instance matches "${text}"`, {
      hint: 'List what can be reached with `roc bastion list`.',
    });
  }
  if (candidates.length === 1) return one;
  const names = candidates
    .slice(0, 5)
    .map(({ instanceId, name }) => (name ? `${instanceId} (${name})` : instanceId));
  throw new RocError('ROC_USAGE', `"${text}" matches ${candidates.length} instances: ${names.join(', ')}`, {
    hint: 'Name one of them by its id.',
    details: { matches: candidates.map(({ instanceId }) => instanceId) },
  });
}

function isMatch(expression: TargetExpression, target: Target): boolean {
  switch (expression.kind) {
    case 'id':
      return target.instanceId === expression.id;
    case 'ip':
      return target.privateIp === expression.ip;
    case 'tags':
      return expression.tags.every(([key, value]) => matchesGlob(value, target.tags[key]));
    case 'name': {
      const { name } = expression;
      const isHost = target.privateDns === name || target.privateDns?.split('.')[0] === name;
      return isHost || target.name === name;
    }
  }
}

function parseTag(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const key = text.slice(0, at).replace(/^tag:/, '').trim();
  if (at < 1 || key === '') throw notATarget(text);
  return [key, text.slice(at + 1).trim()];
}

// EC2's own filters know the same two wildcards.
function matchesGlob(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

function notATarget(text: string): RocError {
  return new RocError('ROC_USAGE', `"${text}" names no target`, {
    hint: 'Write an instance id, a Name tag, a private address or DNS name, or tags as Key=Value,Key=Value.',
  });
}
