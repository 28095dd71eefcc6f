/** Metrics as people read them: names, numbers with their unit, ages. Pure. */
import { DAY, HOUR, MINUTE, SECOND } from '../../kernel/time.js';
import type { StatusMetric, Unit } from './model.js';

const LABELS: Readonly<Record<string, string>> = {
  errors: '5xx',
  'healthy.api': 'healthy',
  'healthy.runner': 'for runners',
  inService: 'in service',
  freeMemory: 'free memory',
  freeStorage: 'free disk',
  replicaLag: 'replica lag',
  surplusCredits: 'surplus',
  answerTime: 'answers in',
  oldestQueued: 'oldest job',
  runnersOnline: 'runners',
  nodesOnline: 'nodes',
};

export function labelOf(name: string): string {
  return LABELS[name] ?? name;
}

/** `1,240/min`, `0.21 s`, `31/2730`, `4.1/32 GiB`; a hyphen where nothing is known. */
export function valueText({ value, unit, of }: Pick<StatusMetric, 'value' | 'unit' | 'of'>): string {
  if (value === null) return '-';
  if (unit === 'bytes') return bytesText(value, of);
  if (unit === 'seconds' && value < 0.1) return `${Math.round(value * 1000)} ms`;
  return `${numberText(value, unit)}${of === null ? '' : `/${numberText(of, unit)}`}${SUFFIX[unit]}`;
}

const SUFFIX: Readonly<Record<Unit, string>> = {
  percent: ' %',
  seconds: ' s',
  bytes: '',
  count: '',
  perMinute: '/min',
  credits: '',
};

function numberText(value: number, unit: Unit): string {
  if (unit === 'seconds') return value < 10 ? value.toFixed(2) : value.toFixed(0);
  if (unit === 'percent') return value < 10 ? value.toFixed(1) : value.toFixed(0);
  return Math.round(value).toLocaleString('en-US');
}

function bytesText(value: number, of: number | null): string {
  const size = Math.max(value, of ?? 0) >= 2 ** 30 ? 2 ** 30 : 2 ** 20;
  const short = (bytes: number) => {
    const amount = bytes / size;
    return amount < 10 && !Number.isInteger(amount) ? amount.toFixed(1) : amount.toFixed(0);
  };
  return `${short(value)}${of === null ? '' : `/${short(of)}`} ${size === 2 ** 30 ? 'GiB' : 'MiB'}`;
}

/** `now`, `40s`, `2m`, `14h`: the largest unit alone. */
export function ageText(ageSeconds: number | null): string {
  if (ageSeconds === null) return '';
  const ms = ageSeconds * SECOND;
  if (ms < SECOND) return 'now';
  if (ms < MINUTE) return `${ageSeconds}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  return ms < DAY ? `${Math.floor(ms / HOUR)}h` : `${Math.floor(ms / DAY)}d`;
}
