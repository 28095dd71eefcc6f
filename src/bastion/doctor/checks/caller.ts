/** Checks of whoever asks: identity, permissions, clock, and the way from this host to AWS. */
import { formatDuration, MINUTE } from '../../../kernel/time.js';
import { type Check, fail, known, notApplicable, pass, warn } from '../check.js';
import type { Permission } from '../facts.js';

/** SigV4 refuses requests that are further off. */
const SKEW_LIMIT = 5 * MINUTE;

export const callerChecks: readonly Check[] = [
  {
    id: 'caller-identity',
    judge: ({ caller, region }) =>
      caller.known
        ? pass(`${caller.value.arn} in ${region}`)
        : // Who one is AWS tells everybody: where it does not, nothing else can be asked.
          fail(caller.why, 'Sign in (`aws sso login`), or open the way to STS.'),
  },
  {
    id: 'caller-credentials',
    judge: ({ caller, now }) =>
      known(caller, ({ expiresAt }) => {
        if (expiresAt === null) return pass('the credentials do not expire');
        const left = expiresAt - now;
        if (left <= 0)
          return fail(
            `expired ${formatDuration(-left)} ago`,
            'Renew them: `aws sso login`, or a new role session.',
          );
        if (left < 5 * MINUTE)
          return warn(`expire in ${formatDuration(left)}`, 'Renew them before a long session.');
        return pass(`valid for another ${formatDuration(left)}`);
      }),
  },
  {
    id: 'caller-clock',
    judge: ({ caller }) =>
      known(caller, ({ clockSkew }) => {
        if (clockSkew === null) return notApplicable('the answer of AWS carried no date');
        const off = formatDuration(Math.abs(clockSkew));
        return Math.abs(clockSkew) > SKEW_LIMIT
          ? fail(
              `this clock is ${off} off`,
              'Set the clock: AWS refuses signatures that are five minutes off.',
            )
          : pass(`within ${off} of AWS`);
      }),
  },
  {
    id: 'caller-permissions',
    judge: ({ permissions }) => known(permissions, (all) => judgePermissions(all, 'the caller')),
  },
  {
    id: 'reach-api',
    judge: ({ probes }) => {
      const broken = probes.filter(({ error }) => error !== null);
      if (probes.length === 0) return notApplicable('another endpoint stands in for AWS');
      if (broken.length === 0) return pass(`TLS to ${probes.map(({ host }) => host).join(' and ')}`);
      return fail(
        broken.map(({ host, port, error }) => `${host}:${port}: ${error}`).join('; '),
        'Open TCP 443 from here to these hosts, and let TLS to them pass unbroken.',
      );
    },
  },
  {
    id: 'proxy',
    judge: ({ proxyVariables }) =>
      proxyVariables.length === 0
        ? pass('no proxy variable is set')
        : warn(
            `${proxyVariables.join(', ')} set`,
            'Sessions go straight to AWS and use no proxy; run roc where AWS can be reached directly or through a VPC endpoint.',
          ),
  },
  {
    id: 'recent-errors',
    judge: ({ recentErrors }) =>
      known(recentErrors, (errors) => {
        const [last] = errors;
        if (last === undefined)
          return pass('CloudTrail shows no failed StartSession on this target in the last hour');
        return warn(
          `${errors.length} failed StartSession in the last hour, the last one ${last.code}: ${last.message}`,
          'Mend what that error names.',
        );
      }),
  },
  {
    id: 'active-sessions',
    judge: ({ activeSessions }) => known(activeSessions, (count) => pass(`${count} active on this target`)),
  },
];

/** One finding for a set of simulated permissions. */
export function judgePermissions(all: readonly Permission[], who: string) {
  const denied = all.filter(({ isAllowed }) => !isAllowed);
  if (denied.length === 0) return pass(`${who} may ${namesOf(all)}`);
  const rows = denied.map(
    ({ action, resource, deniedBy }) => `${action} on ${resource}${deniedBy ? ` (${deniedBy})` : ''}`,
  );
  return fail(`${who} may not ${rows.join('; ')}`, `Allow ${namesOf(denied)} to ${who}.`);
}

function namesOf(permissions: readonly Permission[]): string {
  return [...new Set(permissions.map(({ action }) => action))].join(', ');
}
