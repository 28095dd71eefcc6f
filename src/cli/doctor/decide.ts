/** From facts to verdicts: what is missing or wrong on this host, and what to do about it. */
import { formatDuration, MINUTE, SECOND } from '../../kernel/time.js';
import { fail, isOpen, octal, ok, skipped, warn } from './checks.js';
import type { AwsFacts, Check, HostFacts, ServerFacts, SessionFacts } from './model.js';

export function judgeHost({ node, config, session, aws }: HostFacts): Check[] {
  return [judgeNode(node), judgeConfig(config), judgeSession(session), ...judgeAws(aws)];
}

function judgeNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const evidence = `Node ${version}`;
  if (major < 20 || (major === 20 && minor < 19))
    return fail('node', `${evidence}, older than 20.19`, 'Install Node 24 (or 22).');
  if (major < 22) return warn('node', `${evidence}, past its end of life`, 'Move to Node 24 (or 22).');
  return ok('node', evidence);
}

function judgeConfig({ file, problems }: HostFacts['config']): Check {
  if (problems.length > 0)
    return fail('config', problems.slice(0, 3).join('; '), `Correct ${file ?? 'the ROC_* variables'}.`);
  if (file === null) return ok('config', 'no roc.yaml: defaults and environment');
  return ok('config', file);
}

function judgeSession(session: SessionFacts): Check {
  if (session.state === 'none') return skipped('session', 'not signed in', 'Sign in with `roc login`.');
  if (session.state === 'damaged') return fail('session', session.message, 'Sign in again with `roc login`.');
  const who = `${session.email} at ${session.url}`;
  if (isOpen(session.mode))
    return fail(
      'session',
      `others may read ${session.file} (${octal(session.mode)})`,
      `chmod 600 ${session.file}`,
    );
  return ok('session', who);
}

function judgeAws({ credentials, region, identity }: AwsFacts): Check[] {
  const needed = 'Only the AWS commands need it.';
  return [
    credentials === null
      ? warn('aws-credentials', 'none found', `aws configure sso, or set AWS_PROFILE. ${needed}`)
      : judgeIdentity(credentials, identity),
    region === null
      ? warn('aws-region', 'none set', `Set AWS_REGION or pass --region. ${needed}`)
      : ok('aws-region', region),
  ];
}

function judgeIdentity(credentials: string, identity: AwsFacts['identity']): Check {
  if (identity === null) return ok('aws-credentials', `${credentials} (not tried; --online asks AWS)`);
  if ('error' in identity)
    return fail(
      'aws-credentials',
      `${credentials}: ${identity.error}`,
      'Renew them, for example `aws sso login`.',
    );
  return ok('aws-credentials', `${credentials}: ${identity.arn}`);
}

/** A token is refused when the clocks are further apart than its life allows. */
const CLOCK_WARN = 30 * SECOND;
const CLOCK_FAIL = 5 * MINUTE;

export function judgeServer(server: ServerFacts | null): Check[] {
  if (server === null) {
    const why = 'no server is known';
    return [skipped('server', why, 'Set ROC_URL or sign in with `roc login`.'), skipped('clock', why, null)];
  }
  if (server.error !== null) {
    const check = fail(
      'server',
      `${server.url}: ${server.error}`,
      'Start it (`roc serve`), or check the address.',
    );
    return [check, skipped('clock', 'the server does not answer', null)];
  }
  const broken = Object.entries(server.parts ?? {}).filter(([, { isReady }]) => !isReady);
  const what = broken.map(([name, { message }]) => `${name}: ${message}`).join('; ');
  return [
    broken.length > 0
      ? fail('server', `${server.url} is not ready: ${what}`, "Look at the server's log.")
      : ok('server', `${server.url} is ready`),
    judgeClock(server.clockOffsetMs),
  ];
}

function judgeClock(offset: number | null): Check {
  if (offset === null) return skipped('clock', 'the server sent no date', null);
  const apart = Math.abs(offset);
  // The Date header counts whole seconds.
  if (apart < 2 * SECOND) return ok('clock', "agrees with the server's");
  const evidence = `${formatDuration(apart)} ${offset > 0 ? 'behind' : 'ahead of'} the server's`;
  const fix = 'Switch on time synchronisation (timedatectl set-ntp true).';
  if (apart > CLOCK_FAIL) return fail('clock', evidence, fix);
  return apart > CLOCK_WARN ? warn('clock', evidence, fix) : ok('clock', evidence);
}
