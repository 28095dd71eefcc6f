/** CSV (RFC 4180) that a spreadsheet cannot be made to execute. */
import type { Finding } from '../model.js';
import type { OpenSink } from './sink.js';

const COLUMNS: readonly (readonly [
  string,
  (finding: Finding) => string | number | boolean | null | undefined,
])[] = [
  ['key', (f) => f.key],
  ['lane', (f) => f.lane],
  ['state', (f) => f.state],
  ['id', (f) => f.ids.cve ?? f.ids.advisory ?? f.ids.control ?? f.ids.kind],
  ['title', (f) => f.title],
  ['severity', (f) => f.severity],
  ['score', (f) => f.score],
  ['epss', (f) => f.epss],
  ['kev', (f) => f.kev],
  ['action', (f) => f.decision.action],
  ['days', (f) => f.decision.days],
  ['dueAt', (f) => f.decision.dueAt],
  ['overdue', (f) => f.decision.overdue],
  ['remedy', (f) => f.remedy],
  ['package', (f) => f.package?.name],
  ['version', (f) => f.package?.version],
  ['fixedIn', (f) => f.package?.fixedIn],
  ['resourceType', (f) => f.resource.type],
  ['resource', (f) => f.resource.id],
  ['account', (f) => f.resource.account],
  ['region', (f) => f.resource.region],
  ['repo', (f) => f.resource.repo],
  ['digest', (f) => f.resource.digest],
  ['exposure', (f) => f.exposure],
  ['owner', (f) => f.owner],
  ['firstSeen', (f) => f.firstSeen],
  ['sources', (f) => f.sources.map((source) => source.tool).join(' ')],
  ['reasons', (f) => f.decision.reasons.join('; ')],
];

export const openCsv: OpenSink = (_head, writer) => {
  writer.write(`${COLUMNS.map(([name]) => name).join(',')}\r\n`);
  return {
    finding(_json, parsed) {
      const finding = parsed();
      writer.write(`${COLUMNS.map(([, read]) => csvCell(read(finding))).join(',')}\r\n`);
    },
    end() {},
  };
};

/**
 * One cell. Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection):
 * it begins with = + - @, a tab or a line break, also behind blanks and in their full-width forms.
 */
export function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const clean = value.replaceAll('\u0000', '');
  const safe = /^[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]/u.test(clean) ? `'${clean}` : clean;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
