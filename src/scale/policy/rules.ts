/** Rules of a scaling policy that no single key can hold: contradictions are refused, each with its way out. */
import { formatDuration } from '../../kernel/time.js';
import type { ScalePolicy } from './policy.js';

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Context {
  addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void;
}

export function checkScalePolicy(policy: ScalePolicy, context: Context): void {
  const problems = [
    ...targetProblems(policy),
    ...boundsProblems(policy),
    ...signalProblems(policy),
    ...timingProblems(policy),
    ...windowProblems(policy),
  ];
  for (const { path, message } of problems) context.addIssue({ code: 'custom', path: [...path], message });
}

function targetProblems({ target: { asg, ecs } }: ScalePolicy): Problem[] {
  if (ecs === undefined || asg === undefined) return [];
  const message = `target.asg (${asg}) is set too: one policy scales one thing; keep one of them`;
  return [{ path: ['target', 'ecs'], message }];
}

function boundsProblems({ bounds, rails, schedule }: ScalePolicy): Problem[] {
  const problems: Problem[] = [];
  if (bounds.max < bounds.min)
    problems.push({
      path: ['bounds', 'max'],
      message: `${bounds.max} is below bounds.min (${bounds.min}): raise max or lower min`,
    });
  if (bounds.min < bounds.perAz)
    problems.push({
      path: ['bounds', 'min'],
      message: `${bounds.min} cannot keep ${bounds.perAz} in each zone: set min to at least perAz times the zones of the group`,
    });
  if (rails.dbPool === 0 && rails.dbConnFraction < 1)
    problems.push({
      path: ['rails', 'dbPool'],
      message:
        '0 switches the rail of database connections off: set dbConnFraction to 1 to say so, or name the pool',
    });
  schedule.forEach(({ min }, index) => {
    if (min > bounds.max)
      problems.push({
        path: ['schedule', index, 'min'],
        message: `${min} is above bounds.max (${bounds.max}): lower it or raise max`,
      });
  });
  return problems;
}

function signalProblems({ signal, bounds }: ScalePolicy): Problem[] {
  const problems: Problem[] = [];
  if (signal.targetUtil >= signal.sloUtil)
    problems.push({
      path: ['signal', 'targetUtil'],
      message: `${signal.targetUtil} leaves no room below sloUtil (${signal.sloUtil}): lower targetUtil or raise sloUtil`,
    });
  if (signal.primary === 'cpu' && signal.capacityPerInstance !== 'auto')
    problems.push({
      path: ['signal', 'capacityPerInstance'],
      message: 'counts requests, which primary cpu does not read: remove it or use primary requests',
    });
  if (bounds.maxStepIn > bounds.max)
    problems.push({
      path: ['bounds', 'maxStepIn'],
      message: `${bounds.maxStepIn} is more than bounds.max (${bounds.max}): lower it`,
    });
  return problems;
}

function timingProblems({ timing, scaleIn, forecast }: ScalePolicy): Problem[] {
  const problems: Problem[] = [];
  const boot = timing.boot === 'auto' ? 0 : timing.boot;
  if (scaleIn.window < boot + timing.drain)
    problems.push({
      path: ['scaleIn', 'window'],
      message: `${formatDuration(scaleIn.window)} is shorter than boot and drain (${formatDuration(boot + timing.drain)}): capacity would be cut before it could come back; lengthen the window`,
    });
  const slowest = Math.max(timing.settle.alb, timing.settle.ec2);
  if (timing.maxAge < slowest + timing.poll)
    problems.push({
      path: ['timing', 'maxAge'],
      message: `${formatDuration(timing.maxAge)} is less than settle and poll (${formatDuration(slowest + timing.poll)}): all data would be stale; raise maxAge`,
    });
  if (forecast.mode === 'seasonal' && forecast.seasonal.look >= forecast.seasonal.period)
    problems.push({
      path: ['forecast', 'seasonal', 'look'],
      message: `${formatDuration(forecast.seasonal.look)} reaches past a whole period (${formatDuration(forecast.seasonal.period)}): shorten look`,
    });
  return problems;
}

function windowProblems({ scaleIn, schedule }: ScalePolicy): Problem[] {
  const problems: Problem[] = [];
  const empty = (path: PropertyKey[]) =>
    problems.push({ path, message: 'is where the window begins: nothing lies between; move from or to' });
  scaleIn.freeze.forEach((window, index) => {
    if (window.from === window.to) empty(['scaleIn', 'freeze', index, 'to']);
    else if (!('days' in window) && window.to < window.from)
      problems.push({ path: ['scaleIn', 'freeze', index, 'to'], message: 'is before from: swap them' });
  });
  schedule.forEach((window, index) => {
    if (window.from === window.to) empty(['schedule', index, 'to']);
  });
  return problems;
}
