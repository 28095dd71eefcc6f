/** Evidence as one printable page: no script, nothing loaded from anywhere, a content security policy that says so. */
import { hash } from 'node:crypto';
import { escapeHtml } from '../../kernel/html-text.js';
import { timeBars } from './html-bars.js';
import { STYLE } from './html-style.js';
import type { Evidence, EvidenceReport } from './model.js';
import {
  cleanupText,
  coveragePercent,
  coverageText,
  facts,
  rpoText,
  rtoCaveat,
  timeText,
  VERDICT_WORDS,
  verdictSentence,
} from './words.js';

const MOST_CHUNKS = 20;

export function renderHtml(evidence: Evidence, sha256: string): string {
  const { report } = evidence;
  return [
    pageTop(`Restore evidence ${evidence.chain.number}: ${report.asset.id}`),
    `<main><header class="${report.verdict}"><p class="kicker">Restore evidence ${evidence.chain.number} · ${escapeHtml(report.finishedAt.slice(0, 10))}</p>`,
    `<h1>${escapeHtml(report.asset.id)}</h1><span class="verdict">${VERDICT_WORDS[report.verdict]}</span>`,
    `<p class="say">${escapeHtml(verdictSentence(report))}</p></header>`,
    cards(report),
    times(report),
    checks(report),
    list(
      'Not checked, and why',
      report.exclusions.map(({ name, reason }) => `${name}: ${reason}`),
    ),
    list('Different from the plan', report.deviations),
    factList(evidence),
    timeline(report),
    foot(evidence, sha256),
    '</main></body></html>\n',
  ].join('');
}

/** Everything up to the body's content; used by the roll-up, too. */
export function pageTop(title: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
  ].join('');
}

export function card(name: string, value: string, small: string, tone: 'good' | 'bad' | ''): string {
  return `<div class="card ${tone}"><span>${escapeHtml(name)}</span><b>${escapeHtml(value)}</b><small>${escapeHtml(small)}</small></div>`;
}

function cards(report: EvidenceReport): string {
  const { rto, rpo, cleanup } = report;
  const percent = coveragePercent(report);
  const isIn = (measured: number | null, target: number) => measured !== null && measured <= target;
  const all = [
    ...(rto === null
      ? []
      : [
          card(
            'RTO, critical checks',
            timeText(rto.critical),
            `target ${timeText(rto.target)}`,
            isIn(rto.critical, rto.target) ? 'good' : 'bad',
          ),
        ]),
    ...(rpo === null
      ? []
      : [
          card(
            'RPO',
            timeText(rpo.measured),
            `target ${timeText(rpo.target)}`,
            isIn(rpo.measured, rpo.target) ? 'good' : 'bad',
          ),
        ]),
    ...(percent === null
      ? []
      : [card('Rows read and compared', `${percent} %`, `${report.coverage?.tables ?? 0} tables`, '')]),
    card(
      'Cleanup',
      cleanup.verdict === 'nothing-to-do' ? 'nothing made' : cleanup.verdict,
      cleanup.goneAt === null ? '' : `gone ${cleanup.goneAt.slice(0, 16).replace('T', ' ')} UTC`,
      cleanup.verdict === 'failed' ? 'bad' : 'good',
    ),
  ];
  return `<section class="cards">${all.join('')}</section>`;
}

function times(report: EvidenceReport): string {
  const { rto, rpo } = report;
  if (rto === null) return '';
  const bars = timeBars(
    [
      { label: 'connected', ms: rto.connect },
      { label: 'critical checks green', ms: rto.critical },
      { label: 'everything read', ms: rto.full },
    ],
    rto.target,
  );
  const lines = [
    rtoCaveat(report),
    ...(rpo === null ? [] : [`Recovery point: ${rpoText(report)}.`]),
    `Coverage: ${coverageText(report)}.`,
  ];
  return `<section><h2>How long it took</h2>${bars}${lines.map((line) => `<p class="note">${escapeHtml(line)}</p>`).join('')}</section>`;
}

function checks({ checks: all }: EvidenceReport): string {
  const rows = all.map((check) => {
    const critical = check.critical ? '<span class="crit">critical</span>' : '';
    return (
      `<tr><td class="id">${escapeHtml(check.id)}${critical}</td><td><span class="pill ${check.verdict}">${check.verdict}</span></td>` +
      `<td>${escapeHtml(check.expected)}</td><td>${escapeHtml(check.actual)}${damaged(check.details?.['damaged'])}</td><td class="n">${check.seconds.toFixed(1)} s</td></tr>`
    );
  });
  const none = '<tr><td colspan="5">No check was run.</td></tr>';
  return `<section><h2>Checks</h2><table><thead><tr><th>Check</th><th>Verdict</th><th>Expected</th><th>Found</th><th class="n">Took</th></tr></thead><tbody>${rows.join('') || none}</tbody></table></section>`;
}

interface Damaged {
  readonly chunk?: unknown;
  readonly range?: unknown;
  readonly expected?: { readonly rows?: unknown; readonly digest?: unknown };
  readonly actual?: { readonly rows?: unknown; readonly digest?: unknown };
}

function damaged(list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return '';
  const lines = (list as Damaged[]).slice(0, MOST_CHUNKS).map(({ chunk, range, expected, actual }) => {
    const side = (of: Damaged['expected']) => `${of?.rows} rows ${of?.digest}`;
    return `<code>${escapeHtml(`chunk ${chunk} ${range}: expected ${side(expected)}, found ${side(actual)}`)}</code>`;
  });
  return `<div class="chunks">${lines.join('')}</div>`;
}

function factList(evidence: Evidence): string {
  const items = facts(evidence).map(
    ({ name, value }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return `<section><h2>Facts</h2><dl>${items.join('')}</dl></section>`;
}

function timeline({ timeline: entries, requests, cleanup, asset }: EvidenceReport): string {
  if (entries.length === 0) return '';
  const rows = entries.map(
    ({ at, event }) =>
      `<li><time>${escapeHtml(at.slice(0, 19).replace('T', ' '))}</time>${escapeHtml(event)}</li>`,
  );
  const left =
    asset.type === 'rds-mysql' && cleanup.leftovers.length > 0
      ? ` Left over: ${cleanup.leftovers.join(', ')}.`
      : '';
  return `<section><h2>Course of the run, UTC</h2><ol class="time">${rows.join('')}</ol><p class="note">${escapeHtml(`${requests.length} answered AWS requests stand in the JSON with their ids.${left}`)}</p></section>`;
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<section><h2>${title}</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></section>`;
}

function foot({ signature, report }: Evidence, sha256: string): string {
  return [
    `<footer><p>This page was made from the JSON file of SHA-256 <code>${sha256}</code>, which alone counts; it holds no row data. `,
    `Cleanup: ${escapeHtml(cleanupText(report))}.</p>`,
    `<p>Signed with ${signature.algorithm} by <code>${escapeHtml(signature.keyId)}</code>: <code>${escapeHtml(signature.value)}</code></p>`,
    '<p>Verify offline: <code>roc backup report verify FILE --key PUBLIC_KEY</code></p></footer>',
  ].join('');
}
