/** Jobs, what is ready, what is scheduled, what is leased, and what became of each. No foreign keys: they lock. */
import { index, type Migration, table } from './step.js';

export const jobs: Migration = {
  version: 3,
  name: 'jobs',
  steps: [
    table(
      'job',
      `id varchar(26) not null, tenant_id varchar(26) not null, project_id varchar(26) not null,
       process_id varchar(26) not null, environment_id varchar(26) not null, deployment_id varchar(26) not null,
       robot_id varchar(26) not null, version_id varchar(26) not null, pool_id varchar(26) not null,
       lane varchar(64) not null, priority integer not null, state varchar(16) not null,
       attempt integer not null, max_attempts integer not null, epoch integer not null,
       on_lost varchar(16) not null, timeout_ms bigint not null, run_at bigint not null,
       input mediumtext not null, output mediumtext, error mediumtext, progress text, runner varchar(190),
       retry_of varchar(26), event_seq integer not null, log_lines integer not null, log_bytes bigint not null,
       created_by varchar(254) not null, created_at bigint not null, started_at bigint, finished_at bigint,
       primary key (id)`,
    ),
    index('job', 'newest', ['tenant_id', 'id']),
    index('job', 'state', ['tenant_id', 'state', 'id']),
    index('job', 'process', ['tenant_id', 'process_id', 'id']),
    table(
      'job_ready',
      `job_id varchar(26) not null, tenant_id varchar(26) not null, pool_id varchar(26) not null,
       lane varchar(64) not null, priority integer not null, ready_at bigint not null, primary key (job_id)`,
    ),
    // Exactly the claim's WHERE, then its ORDER BY: any other plan sorts, and so locks every row it reads.
    index('job_ready', 'claim', ['tenant_id', 'pool_id', 'lane', 'priority', 'job_id']),
    table('job_scheduled', `job_id varchar(26) not null, run_at bigint not null, primary key (job_id)`),
    index('job_scheduled', 'due', ['run_at', 'job_id']),
    table(
      'job_lease',
      `job_id varchar(26) not null, tenant_id varchar(26) not null, runner_id varchar(26) not null,
       session_epoch integer not null, epoch integer not null, attempt integer not null,
       lease_until bigint not null,
       leased_at bigint not null, started_at bigint, progress text, next_log_seq integer not null,
       log_lines integer not null, log_bytes bigint not null, primary key (job_id)`,
    ),
    index('job_lease', 'until', ['lease_until', 'job_id']),
    index('job_lease', 'runner', ['runner_id', 'session_epoch']),
    table(
      'job_result',
      `job_id varchar(26) not null, epoch integer not null, runner_id varchar(26) not null,
       result_id varchar(64) not null, state varchar(16) not null, created_at bigint not null, primary key (job_id, epoch)`,
    ),
    table(
      'job_event',
      `job_id varchar(26) not null, seq integer not null, id varchar(26) not null, type varchar(32) not null,
       attempt integer not null, epoch integer not null, state varchar(16) not null, detail text,
       created_at bigint not null, primary key (job_id, seq)`,
    ),
    table(
      'job_log',
      `job_id varchar(26) not null, attempt integer not null, seq integer not null, logged_at bigint not null,
       stream varchar(8) not null, line text not null, primary key (job_id, attempt, seq)`,
    ),
  ],
};
