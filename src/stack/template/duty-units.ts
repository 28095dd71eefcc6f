/** The units of systemd on the ops host: a service for each duty, and the timers that start them. */
import type { StackSettings } from '../settings.js';
import { SCRIPTS } from './duty-scripts.js';
import type { Unit } from './user-data.js';

export type Duty = StackSettings['ops']['duties'][number];

interface Schedule {
  /** In the words of systemd; null runs always. */
  readonly when: string | null;
  /** How long a run may take before it is ended. */
  readonly within: string;
}

const SCHEDULES: Readonly<Record<Duty, Schedule>> = {
  'scale-watch': { when: null, within: '15min' },
  'backup-verify': { when: 'OnCalendar=Mon *-*-* 07:00:00\nPersistent=true', within: '12h' },
  'backup-sweep': { when: 'OnCalendar=*-*-* *:40:00\nPersistent=true', within: '50min' },
  'vulns-report': { when: 'OnCalendar=*-*-* 06:15:00\nPersistent=true', within: '2h' },
};

/** Longer than a drill takes to have its copy taken away. */
const STOP_SECONDS = 330;

/** The image may not be pushed yet when the host starts: each minute until it is, then each hour. */
const APP_USER = 'OnBootSec=30s\nOnUnitInactiveSec=1h';

export function dutyUnits(duties: readonly Duty[]): Unit[] {
  return [
    service('app-user', { within: '15min', more: 'Restart=on-failure\nRestartSec=60\n' }),
    timer('app-user', APP_USER),
    ...duties.flatMap((duty) => {
      const { when, within } = SCHEDULES[duty];
      if (when !== null) return [service(duty, { within }), timer(duty, when)];
      return [
        service(duty, { within, isSteady: true, more: 'Restart=always\nRestartSec=30\n' }),
        ...refresh(),
      ];
    }),
  ];
}

/** What is started by the user data; the timers start the rest. */
export function startedUnits(duties: readonly Duty[]): string[] {
  return [
    'roc-app-user.timer',
    ...duties.flatMap((duty) =>
      SCHEDULES[duty].when === null ? [`roc-${duty}.service`, 'roc-settings.timer'] : [`roc-${duty}.timer`],
    ),
  ];
}

function service(
  duty: string,
  { within, isSteady = false, more = '' }: { within: string; isSteady?: boolean; more?: string },
): Unit {
  return {
    name: `roc-${duty}.service`,
    text: `[Unit]
Description=roc: ${duty}
Wants=network-online.target
After=docker.service network-online.target
Requires=docker.service
StartLimitIntervalSec=0

[Service]
Type=${isSteady ? 'simple' : 'oneshot'}
Environment=HOME=/root
ExecStart=${SCRIPTS.duty} ${duty}
ExecStopPost=-${SCRIPTS.ended} ${duty}
TimeoutStartSec=${within}
TimeoutStopSec=${STOP_SECONDS}
${more}${isSteady ? '\n[Install]\nWantedBy=multi-user.target\n' : ''}`,
  };
}

function timer(name: string, schedule: string): Unit {
  return {
    name: `roc-${name}.timer`,
    text: `[Unit]\nDescription=roc: when ${name} runs\n\n[Timer]\n${schedule}\nRandomizedDelaySec=60\n\n[Install]\nWantedBy=timers.target\n`,
  };
}

/** What runs always learns of new settings by being started again. */
function refresh(): Unit[] {
  return [
    {
      name: 'roc-settings.service',
      text: `[Unit]\nDescription=roc: what the duties are told\n\n[Service]\nType=oneshot\nEnvironment=HOME=/root\nExecStart=${SCRIPTS.settings}\nTimeoutStartSec=5min\n`,
    },
    timer('settings', 'OnBootSec=15min\nOnUnitInactiveSec=15min'),
  ];
}
