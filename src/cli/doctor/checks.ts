/** The four verdicts, and what file modes mean. */
import type { Check } from './model.js';

export function ok(id: string, evidence: string): Check {
  return { id, verdict: 'ok', evidence, fix: null };
}

export function warn(id: string, evidence: string, fix: string): Check {
  return { id, verdict: 'warn', evidence, fix };
}

export function fail(id: string, evidence: string, fix: string): Check {
  return { id, verdict: 'fail', evidence, fix };
}

export function skipped(id: string, evidence: string, fix: string | null): Check {
  return { id, verdict: 'skipped', evidence, fix };
}

/** Whether a mode lets anybody but the owner in; Windows has no such modes. */
export function isOpen(mode: number): boolean {
  return (mode & 0o077) !== 0 && process.platform !== 'win32';
}

export function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}
