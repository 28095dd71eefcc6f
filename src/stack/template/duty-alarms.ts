/** What tells people that a duty is not done: it failed, its host is silent, or its results reach nobody. */
import type { AlarmPlan } from './alarm-plan.js';
import type { Context } from './context.js';

const HOUR = 3600;

export function dutyAlarms({ settings, name }: Context): AlarmPlan[] {
  if (!settings.ops.enabled) return [];
  const of = { namespace: 'roc', dimensions: { Stack: name } } as const;
  return [
    {
      ...of,
      id: 'DutyFailed',
      about: 'a duty of the ops host failed: its unit and the log group of the duties say which and why',
      metric: 'DutyFailed',
      statistic: 'Maximum',
      threshold: 0,
      when: 'above',
      ...{ minutes: 5, period: 300, silence: 'notBreaching' },
    },
    // The application's user is looked at each hour, whatever duties there are.
    {
      ...of,
      id: 'DutiesSilent',
      about: 'the ops host has ended no duty for three hours',
      metric: 'DutyFailed',
      statistic: 'SampleCount',
      threshold: 1,
      when: 'below',
      ...{ minutes: 180, period: HOUR, silence: 'breaching' },
    },
    ...(settings.ops.duties.length === 0
      ? []
      : [
          {
            ...of,
            id: 'DutiesUnpublished',
            about: 'the duties have no key of the orchestrator: fill the secret OpsKeySecret',
            metric: 'DutiesUnpublished',
            statistic: 'Maximum',
            threshold: 0,
            when: 'above',
            ...({ minutes: 60, period: HOUR, silence: 'notBreaching' } as const),
          } as const,
        ]),
  ];
}
