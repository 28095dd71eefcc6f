/** One HTML file with charts: no script, nothing loaded from anywhere, a content security policy that says so. */
import { hash } from 'node:crypto';
import { escapeHtml } from '../../kernel/html-text.js';
import { ACTIONS, type Finding, SEVERITIES } from '../model.js';
import type { PlanItem } from '../plan.js';
import { problemName } from '../problem-name.js';
import type { ReportHead } from '../report-model.js';
import { type Bar, barChart } from './html-charts.js';
import { STYLE } from './html-style.js';
import type { OpenSink } from './sink.js';
import { dueText, feedLine, hasKevFeed } from './terminal.js';

const MOST_FINDINGS = 500;
const MOST_ACTIONS = 100;
const MOST_GAPS = 50;

export const openHtml: OpenSink = (head, writer) => {
  let shown = 0;
  let left = 0;
  writer.write(pageTop(head));
  return {
    finding(_json, parsed) {
      if (shown === MOST_FINDINGS) {
        left++;
        return;
      }
      shown++;
      writer.write(findingRow(parsed()));
    },
    end() {
      writer.write(shown === 0 ? '<tr><td colspan="6" class="note">No findings.</td></tr>' : '');
      writer.write('</tbody></table></div>');
      if (left > 0)
        writer.write(
          `<p class="note">${left.toLocaleString('en')} less urgent findings are not shown here.</p>`,
        );
      writer.write('</main></body></html>\n');
    },
  };
};

function pageTop(head: ReportHead): string {
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>What to fix first</title><style>${STYLE}</style></head><body><main>`,
    `<header><h1>What to fix first</h1><p>${escapeHtml(head.generatedAt.slice(0, 16).replace('T', ' '))} UTC · ${head.intake.records.toLocaleString('en')} records read · decided by ${escapeHtml(head.scope.table)}</p>`,
    `<p>${escapeHtml(feedLine(head))}</p></header>`,
    cards(head),
    charts(head),
    gates(head),
    plan(head.plan),
    gaps(head),
    '<h2>Findings, most urgent first</h2><div class="wrap"><table><thead><tr><th>Severity</th><th>Due</th><th>What</th><th>Where</th><th>Action and why</th><th class="n">Score</th></tr></thead><tbody>',
  ].join('');
}

/** What it counts, how many, and how that looks. */
type Card = readonly [string, number | string, string];

function cards(head: ReportHead): string {
  const { summary } = head;
  const missing = head.coverage.filter((entry) => entry.verdict === 'missing').length;
  const exploited: Card = hasKevFeed(head)
    ? ['known exploited', summary.kev, summary.kev > 0 ? 'bad' : 'good']
    : ['known exploited: no KEV feed', summary.kev === 0 ? '?' : `${summary.kev} or more`, 'bad'];
  const all: Card[] = [
    ['to do', summary.total, ''],
    ['overdue', summary.overdue, summary.overdue > 0 ? 'bad' : 'good'],
    exploited,
    ...(head.scope.store
      ? ([
          ['new', summary.new, ''],
          ['fixed', summary.fixed, summary.fixed > 0 ? 'good' : ''],
          ['regressed', summary.regressed, summary.regressed > 0 ? 'bad' : ''],
        ] as const)
      : []),
    ['suppressed', summary.suppressed, ''],
    ['not scanned', missing, missing > 0 ? 'bad' : ''],
  ];
  const html = all.map(
    ([name, count, tone]) =>
      `<div class="card ${tone}"><b>${count.toLocaleString('en')}</b><span>${name}</span></div>`,
  );
  return `<section class="cards">${html.join('')}</section>`;
}

function charts({ summary }: ReportHead): string {
  const severities = SEVERITIES.map(
    (name): Bar => ({
      label: name,
      count: summary.bySeverity[name],
      tone: name === 'unknown' ? 'info' : name,
    }),
  );
  const actions = ACTIONS.filter((name) => summary.byAction[name] > 0).map(
    (name): Bar => ({
      label: name,
      count: summary.byAction[name],
      tone: 'bar',
    }),
  );
  const due: Bar[] = [
    { label: 'overdue', count: summary.dueIn.overdue, tone: 'critical' },
    { label: 'within 3 days', count: summary.dueIn.within3d, tone: 'high' },
    { label: 'within 14 days', count: summary.dueIn.within14d, tone: 'medium' },
    { label: 'within 60 days', count: summary.dueIn.within60d, tone: 'low' },
    { label: 'later', count: summary.dueIn.later, tone: 'info' },
    { label: 'no date', count: summary.dueIn.none, tone: 'info' },
  ];
  return `<section class="charts">${barChart('By severity', severities)}${barChart('By due date', due)}${actions.length === 0 ? '' : barChart('By decision', actions)}</section>`;
}

function gates(head: ReportHead): string {
  if (head.gates.length === 0) return '';
  const rows = head.gates.map(
    (gate) =>
      `<tr><td>${escapeHtml(gate.name)}</td><td class="${gate.passed ? 'pass">passed' : 'fail">failed'}</td><td class="n">${gate.count.toLocaleString('en')}</td><td class="n">${gate.max}</td></tr>`,
  );
  return `<h2>Gates</h2><div class="wrap"><table><thead><tr><th>Gate</th><th>Result</th><th class="n">Found</th><th class="n">Allowed</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function plan(items: readonly PlanItem[]): string {
  const rows = items.slice(0, MOST_ACTIONS).map((item) => {
    const late = item.dueInDays !== null && item.dueInDays < 0 ? ' late' : '';
    return (
      `<tr><td class="nowrap${late}">${dueText(item.dueInDays)}</td><td>${escapeHtml(item.action)}</td><td><span class="sev ${item.severity}">${item.severity}</span></td>` +
      `<td class="n">${item.findings.toLocaleString('en')}</td><td class="n">${item.resources.toLocaleString('en')}</td><td class="n">${item.kev}</td><td>${escapeHtml(item.owners.join(', '))}</td></tr>`
    );
  });
  const more =
    items.length > MOST_ACTIONS
      ? `<p class="note">${(items.length - MOST_ACTIONS).toLocaleString('en')} less urgent actions are not shown here.</p>`
      : '';
  return `<h2>Plan: the actions that remove most, overdue first</h2><div class="wrap"><table><thead><tr><th>Due</th><th>Action</th><th>Worst</th><th class="n">Findings</th><th class="n">Resources</th><th class="n">KEV</th><th>Owner</th></tr></thead><tbody>${rows.join('') || '<tr><td colspan="7" class="note">Nothing to do.</td></tr>'}</tbody></table></div>${more}`;
}

function gaps(head: ReportHead): string {
  const missing = head.coverage.filter((entry) => entry.verdict === 'missing');
  if (missing.length === 0) return '';
  const rows = missing
    .slice(0, MOST_GAPS)
    .map(
      (entry) =>
        `<tr><td>${escapeHtml(entry.repo ?? entry.id)}</td><td><code>${escapeHtml(entry.digest ?? entry.tags.join(', '))}</code></td><td>${escapeHtml(entry.status)}</td><td>${escapeHtml(entry.why)}</td></tr>`,
    );
  return `<h2>Not scanned: nothing is known of these</h2><div class="wrap"><table><thead><tr><th>Target</th><th>Digest or tag</th><th>State</th><th>Why</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function findingRow(finding: Finding): string {
  const { decision, package: pkg } = finding;
  const late = decision.overdue ? ' late' : '';
  const state = finding.state === 'open' ? '' : ` · ${finding.state}`;
  const where = finding.resource.repo ?? finding.resource.id;
  const version = pkg === null ? '' : `<br><code>${escapeHtml(`${pkg.name} ${pkg.version ?? ''}`)}</code>`;
  const reasons = decision.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  return (
    `<tr><td><span class="sev ${finding.severity}">${finding.severity}</span></td><td class="nowrap${late}">${decision.dueAt?.slice(0, 10) ?? '–'}${state}</td>` +
    `<td>${escapeHtml(problemName(finding))}${version}</td><td>${escapeHtml(where)}</td>` +
    `<td>${escapeHtml(finding.remedy)}<details><summary>${decision.action}</summary><ul class="why">${reasons}<li>key <code>${finding.key}</code></li></ul></details></td><td class="n">${finding.score}</td></tr>`
  );
}
