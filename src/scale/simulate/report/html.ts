/** One HTML file with its pictures: no script, nothing loaded from anywhere, a content security policy that says so. */
import { hash } from 'node:crypto';
import { escapeHtml } from '../../../kernel/html-text.js';
import type { FleetModel } from '../fleet/model.js';
import type { Pictured, SimulatedSeries } from '../simulate.js';
import type { SimulationReport } from '../simulate-files.js';
import { frontierSvg } from './frontier-svg.js';
import { STYLE } from './html-style.js';
import { meansTable, scoreTable, suggestionTable } from './html-tables.js';
import { seriesSvg } from './svg.js';
import { factLines } from './table.js';

export function renderHtml(report: SimulationReport, pictures: readonly Pictured[]): string {
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">',
    `<title>What each policy would have done</title><style>${STYLE}</style></head><body><main>`,
    head(report),
    cards(report),
    report.series.length > 1 ? `<h2>Means, every series weighing the same</h2>${meansTable(report)}` : '',
    report.frontier === null ? '' : frontierSection(report),
    report.suggestion === null ? '' : suggestionTable(report.suggestion),
    losses(report),
    `<h2>Series by series</h2>${key(report)}`,
    ...report.series.map((series, i) => article(series, pictures[i], report.fleet)),
    '</main></body></html>\n',
  ].join('');
}

function head({ series, fleet, faults, policies }: SimulationReport): string {
  const days = series.reduce((sum, { minutes }) => sum + minutes, 0) / 1440;
  const told = [
    faults.outageMinutes > 0 &&
      `metrics ${faults.outageAs === 'zero' ? 'read zero' : 'are missing'} for ${faults.outageMinutes} min a day`,
    faults.dropOuts > 0 && `${(100 * faults.dropOuts).toFixed(1)} % of minutes without metrics`,
    faults.launchFailures > 0 && `${(100 * faults.launchFailures).toFixed(0)} % of launches fail`,
    faults.zoneLossAt !== null && `a zone is lost in minute ${faults.zoneLossAt}`,
  ].filter((line): line is string => line !== false);
  return [
    '<header><h1>What each policy would have done</h1>',
    `<p>${series.length} series, ${days.toFixed(1)} days, minute by minute. ${policies.map(({ name }) => `<b>${escapeHtml(name)}</b>`).join(', ')} ran as in production; every other policy is an <b>emulation</b> of documented behaviour, not the service itself.</p>`,
    `<p class="soft">${fleet.min} to ${fleet.max} instances, boot ${fleet.bootMinutes} min and drain ${fleet.drainMinutes} min (both billed), metrics ${fleet.lagMinutes} min late, SLO ${(100 * fleet.sloUtil).toFixed(0)} % utilisation. Instance-hours count serving, booting and draining instances. The oracle knows the future.${told.length === 0 ? '' : ` Faults: ${told.join(', ')}; the oracle meets none.`}</p></header>`,
  ].join('');
}

function cards({ means, policies }: SimulationReport): string {
  const ours = means.find(({ policy }) => policy === policies[0]?.name);
  const limit = means.find(({ policy }) => policy === 'oracle');
  if (ours === undefined || limit === undefined) return '';
  const all = [
    [`${ours.avoidablePct.toFixed(2)} %`, 'of minutes above the SLO that could have been avoided'],
    [
      ours.instanceHoursPerDay.toFixed(1),
      `instance-hours a day; the oracle needs ${limit.instanceHoursPerDay.toFixed(1)}`,
    ],
    [ours.actionsPerDay.toFixed(1), 'changes of capacity a day'],
    [ours.flapsPerDay.toFixed(2), 'flaps a day: changes undone within 15 minutes'],
    [`$${ours.costUsdPerDay.toFixed(2)}`, 'a day, surplus credits included'],
  ];
  return `<section class="cards">${all.map(([figure, text]) => `<div class="card"><b>${figure}</b><span>${text}</span></div>`).join('')}</section>`;
}

function frontierSection({ frontier, means }: SimulationReport): string {
  if (frontier === null) return '';
  const limit = means.find(({ policy }) => policy === 'oracle')?.instanceHoursPerDay ?? 0;
  return `<h2>What violations cost</h2><p class="soft">Every contender at ${frontier[0]?.tried ?? 0} settings, chosen with hindsight for each alike. Further left is cheaper, further down is better.</p><figure><div class="picture">${frontierSvg(frontier, limit)}</div></figure>`;
}

function losses({ series, policies, means }: SimulationReport): string {
  const lost = series.flatMap(({ name, verdicts }) => {
    const against = verdicts.filter(({ verdict }) => verdict === 'loses').map((one) => one.against);
    return against.length === 0
      ? []
      : [`<li>${escapeHtml(name)}: against ${escapeHtml(against.join(', '))}</li>`];
  });
  const name = escapeHtml(policies[0]?.name ?? '');
  if (means.length < 2) return '';
  return lost.length === 0
    ? `<h2>Where ${name} loses</h2><p>On no series is a baseline as good in violations and in hours, and better in one.</p>`
    : `<h2>Where ${name} loses</h2><p>No better in violations nor in hours, and worse in one, on ${lost.length} of ${series.length} series:</p><ul>${lost.join('')}</ul>`;
}

function key({ means }: SimulationReport): string {
  const rival = means[1]?.policy;
  const line = (name: string, text: string) =>
    `<li><svg viewBox="0 0 26 12" aria-hidden="true"><path class="${name}" d="${name === 'need' ? 'M0 11V3H26V11Z' : name === 'bad' ? 'M6 1v10M13 1v10M20 1v10' : 'M0 6H26'}"/></svg>${escapeHtml(text)}</li>`;
  return `<ul class="key">${[
    line('need', 'instances that demand needs at the SLO'),
    line('capacity', `serving, ${means[0]?.policy ?? ''}`),
    rival === undefined || rival === 'oracle' ? '' : line('rival', `serving, ${rival}`),
    line('oracle', 'serving, oracle'),
    line('bad', 'minutes above the SLO'),
  ].join('')}</ul><p></p>`;
}

function article(series: SimulatedSeries, picture: Pictured | undefined, fleet: FleetModel): string {
  const facts = factLines(series).map((line) => `<li>${escapeHtml(line)}</li>`);
  return [
    `<article><h3>${escapeHtml(series.name)}</h3>`,
    `<p class="soft">from ${series.from.slice(0, 16).replace('T', ' ')} UTC, ${(series.minutes / 1440).toFixed(1)} days, a value every ${series.facts.stepMinutes} min; one instance carries ${inFull(series.capacityPerInstance)}</p>`,
    facts.length === 0 ? '' : `<ul class="soft">${facts.join('')}</ul>`,
    picture === undefined ? '' : `<div class="picture">${seriesSvg(picture, fleet)}</div>`,
    scoreTable(series),
    '</article>',
  ].join('');
}

function inFull(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}
