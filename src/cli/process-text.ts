/** Processes as people read them. */
import { formatDuration } from '../kernel/time.js';
import type { ReplyOf } from '../protocol/contracts.js';
import type { Field } from './fields.js';

type Process = ReplyOf<'processes.show'>;

/** `dev 1.1.0, prod 1.0.0` */
export function activeVersions({ active }: Process): string {
  return active.map(({ environment, version }) => `${environment} ${version}`).join(', ');
}

export function processFields(process: Process): Field[] {
  return [
    ['process', `${process.project}/${process.name}`],
    ['robot', process.robot],
    ['runs', activeVersions(process)],
    ['pool', process.pool],
    ['priority', `${process.priority} (0 first, 9 last)`],
    ['timeout', process.timeoutMs === null ? "the robot's own" : formatDuration(process.timeoutMs)],
    ['attempts', `at most ${process.maxAttempts}`],
    ['open to', process.isPrivate ? 'its members' : 'all of the project'],
    ['when lost', process.onLost ?? 'as the robot says: retry if idempotent, else hold'],
    ['created', process.createdAt],
  ];
}
