/** What people call a finding's problem: its CVE or control, and the title of what somebody found by hand. */
import type { Finding } from './model.js';

export function problemName({ ids, lane, title }: Pick<Finding, 'ids' | 'lane' | 'title'>): string {
  if (lane === 'pentest') return ids.cve ?? title;
  return ids.cve ?? ids.advisory ?? ids.control ?? ids.kind ?? title;
}
