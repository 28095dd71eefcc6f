/** The roll-up as a printable page and as Markdown. */
import { escapeHtml } from '../../kernel/html-text.js';
import { formatDuration } from '../../kernel/time.js';
import { card, pageTop } from './html.js';
import { cell } from './markdown.js';
import type { AssetSummary, Rollup } from './rollup.js';
import { timeText, VERDICT_WORDS } from './words.js';

const ASSET_HEADS = [
  'Asset',
  'Runs',
  'Passed',
  'Worst RTO',
  'Worst RPO',
  'Longest without a pass',
  'Last',
  'Open',
];
const REPORT_HEADS = ['Report', 'When', 'Asset', 'Run', 'Verdict', 'File', 'SHA-256'];

export function rollupHtml(rollup: Rollup): string {
  const { assets, reports, verdict } = rollup;
  const open = assets.reduce((sum, asset) => sum + asset.open.length, 0);
  const passed = reports.filter((report) => report.verdict === 'pass').length;
  const broken = reports.filter((report) => report.integrity !== 'pass').length;
  return [
    pageTop(`Restore tests ${rollup.period}`),
    `<main><header class="${verdict}"><p class="kicker">Restore tests</p><h1>${escapeHtml(rollup.period)}</h1>`,
    `<span class="verdict">${verdict === 'pass' ? 'All assets proved restorable' : verdict === 'fail' ? 'Open points' : 'Not fully proved'}</span></header>`,
    '<section class="cards">',
    card('Tests', String(reports.length), `${passed} passed`, ''),
    card('Assets', String(assets.length), 'in policy or tested', ''),
    card('Open points', String(open), '', open === 0 ? 'good' : 'bad'),
    card('Files not proved whole', String(broken), 'signature, key, chain', broken === 0 ? 'good' : 'bad'),
    '</section>',
    `<section><h2>Assets</h2>${table(ASSET_HEADS, assets.map(assetCells))}</section>`,
    `<section><h2>Evidence</h2>${table(REPORT_HEADS, reportCells(rollup))}</section>`,
    '<footer><p>Made from the signed reports above; each can be verified alone: <code>roc backup report verify FILE --key PUBLIC_KEY</code></p></footer>',
    '</main></body></html>\n',
  ].join('');
}

export function rollupMarkdown(rollup: Rollup): string {
  const lines = (heads: readonly string[], rows: readonly (readonly string[])[]) => [
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ];
  return [
    `# Restore tests ${rollup.period}`,
    '',
    `**${rollup.verdict}**`,
    '',
    ...lines(ASSET_HEADS, rollup.assets.map(assetCells)),
    '',
    ...lines(REPORT_HEADS, reportCells(rollup)),
    '',
  ].join('\n');
}

function assetCells(asset: AssetSummary): string[] {
  const against = (value: number | null, target: number | null) =>
    `${value === null ? '–' : timeText(value)}${target === null ? '' : ` of ${timeText(target)}`}`;
  return [
    `${asset.asset} (${asset.type})`,
    String(asset.runs),
    String(asset.pass),
    against(asset.worstRto, asset.targetRto),
    against(asset.worstRpo, asset.targetRpo),
    `${formatDuration(asset.longestGap)}${asset.testEvery === null ? '' : ` of ${formatDuration(asset.testEvery)}`}`,
    asset.lastVerdict === null
      ? 'never'
      : `${VERDICT_WORDS[asset.lastVerdict]}, ${asset.lastAt?.slice(0, 10)}`,
    asset.open.join('; ') || 'none',
  ];
}

function reportCells({ reports }: Rollup): string[][] {
  return reports.map(({ number, at, asset, run, verdict, integrity, sha256 }) => [
    String(number),
    at.slice(0, 16).replace('T', ' '),
    asset,
    run,
    verdict,
    integrity,
    sha256,
  ]);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th>${text}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`)
    .join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body || `<tr><td colspan="${heads.length}">None.</td></tr>`}</tbody></table>`;
}
