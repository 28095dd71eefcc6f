/** `roc status` on one screen: lines of text, as wide as the terminal is. Pure. */
import { adviceText, type DatabaseAdvice } from '../database/advice.js';
import type { Component, Part, Status, StatusMetric, Verdict } from './model.js';
import { sparkline } from './sparkline.js';
import { costLine, type TakenStatus } from './take.js';
import { ageText, labelOf, valueText } from './words.js';

export interface ScreenOptions {
  readonly width: number;
  readonly isColoured: boolean;
  /** False: letters instead of bars and marks. */
  readonly isUnicode: boolean;
}

const MARKS: Readonly<Record<Verdict, readonly [unicode: string, ascii: string]>> = {
  ok: ['●', '+'],
  warn: ['▲', '!'],
  bad: ['✖', 'X'],
  unknown: ['?', '?'],
};

// Green, yellow, red, magenta of the terminal's own palette.
const COLOURS: Readonly<Record<Verdict, number>> = { ok: 32, warn: 33, bad: 31, unknown: 35 };
const DIM = 2;
const BOLD = 1;

const WIDTHS = { name: 11, value: 11, age: 3 };
const NARROWEST = 60;
const TWO_COLUMNS = 72;

export function screenLines(status: Status, options: ScreenOptions): string[] {
  const width = Math.max(NARROWEST, options.width);
  const paint = painter(options.isColoured);
  const at = `${status.at.slice(0, 19).replace('T', ' ')} UTC`;
  const verdict = `${mark(status.verdict, options)} ${WORDS[status.verdict]}`;
  const title = cut(
    ['roc status', status.region, at].filter(Boolean).join(' · '),
    width - verdict.length - 1,
  );
  const head = `${paint(BOLD, title)}${' '.repeat(Math.max(1, width - title.length - verdict.length))}${paint(COLOURS[status.verdict], verdict)}`;
  const lines = [
    head,
    ...status.components.flatMap((one) => componentLines(one, { ...options, width })),
    ...adviceLines(status.advice.database, width),
  ];
  return options.isUnicode ? lines : lines.map(plain);
}

/** The screen, and beneath it what the look cost. */
export function takenLines(
  { status, cost, retries }: TakenStatus,
  everyMs: number | null,
  options: ScreenOptions,
): string[] {
  if (status.region === null) return screenLines(status, options);
  const notes = [costLine(cost, everyMs), ...(retries > 0 ? [`CloudWatch throttled ${retries} times`] : [])];
  return [...screenLines(status, options), '', painter(options.isColoured)(DIM, notes.join('; '))];
}

function adviceLines(advice: DatabaseAdvice | null, width: number): string[] {
  if (advice === null) return [];
  const text = adviceText(advice);
  return text === null ? [] : wrapped(`advice: ${text}`, width - 2).map((line) => `  ${line}`);
}

/** The word beside the mark, so that colour is never the only sign. */
const WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'ok',
  warn: 'warning',
  bad: 'BAD',
  unknown: 'UNKNOWN',
};

function componentLines(component: Component, options: ScreenOptions): string[] {
  const paint = painter(options.isColoured);
  const { verdict } = component;
  const name = component.id.padEnd(13);
  const words = [verdict === 'ok' ? '' : WORDS[verdict], oneLine(component.about)].filter(Boolean);
  const about = cut(words.join(' · '), options.width - 2 - name.length);
  return [
    `${paint(COLOURS[verdict], mark(verdict, options))} ${paint(BOLD, name)}${about}`,
    ...metricLines(component.metrics, options),
    ...component.parts.map((part) => partLine(part, options)),
    ...component.reasons.flatMap((reason) => {
      const isNote = reason.verdict === 'ok';
      const sign = isNote ? ' ' : mark(reason.verdict, options);
      const code = isNote ? DIM : COLOURS[reason.verdict];
      return wrapped(oneLine(reason.text), options.width - 6).map((line, i) =>
        paint(code, `    ${i === 0 ? sign : ' '} ${line}`),
      );
    }),
  ];
}

/** Two columns of metrics where there is room, but for those that the component's own line tells. */
function metricLines(metrics: readonly StatusMetric[], options: ScreenOptions): string[] {
  const shown = metrics.filter(({ name }) => !/^inService\.|^inAlarm$/.test(name));
  const columns = options.width >= TWO_COLUMNS ? 2 : 1;
  const width = Math.floor((options.width - 4 - 2 * (columns - 1)) / columns);
  const cells = shown.map((metric) => metricCell(metric, width, options));
  return Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    `    ${cells.slice(columns * row, columns * (row + 1)).join('  ')}`.trimEnd(),
  );
}

function metricCell(metric: StatusMetric, width: number, options: ScreenOptions): string {
  const paint = painter(options.isColoured);
  const { name, value, age } = WIDTHS;
  const bars = Math.max(0, width - name - value - age - 3);
  const isWorthColour = metric.verdict !== 'ok';
  const text = cut(valueText(metric), value).padEnd(value);
  const row = sparkline(metric.trend, {
    width: bars,
    isUnicode: options.isUnicode,
    ...topOf(metric),
  });
  return [
    cut(labelOf(metric.name), name).padEnd(name),
    isWorthColour ? paint(COLOURS[metric.verdict], text) : text,
    row,
    paint(DIM, ageText(metric.ageSeconds).padStart(age)),
  ].join(' ');
}

// Bars of what has a whole are shares of it; the rest is told by its own highest value.
function topOf({ name, of }: StatusMetric): { top?: number } {
  if (name === 'cpu') return { top: 100 };
  return of === null || of === 0 ? {} : { top: of };
}

function partLine(part: Part, options: ScreenOptions): string {
  const paint = painter(options.isColoured);
  // Credits that nobody pays for are no news.
  const shown = part.metrics.filter(({ name, value }) => name !== 'surplusCredits' || value !== 0);
  const metrics = shown.map((metric) => `${labelOf(metric.name)} ${valueText(metric)}`);
  const oldest = Math.max(0, ...shown.map(({ ageSeconds }) => ageSeconds ?? 0));
  const age = shown.length === 0 || oldest === 0 ? '' : ageText(oldest);
  const text = [part.id, oneLine(part.about), ...metrics, age].filter((word) => word !== '').join('  ');
  return `    ${paint(COLOURS[part.verdict], mark(part.verdict, options))} ${cut(text, options.width - 6)}`;
}

function mark(verdict: Verdict, { isUnicode }: ScreenOptions): string {
  return MARKS[verdict][isUnicode ? 0 : 1];
}

function painter(isColoured: boolean): (code: number, text: string) => string {
  return (code, text) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
}

// What AWS and servers write may hold line breaks and worse.
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => cut(one, width));
}

function plain(line: string): string {
  return line.replaceAll('·', '-').replaceAll('…', '~');
}
