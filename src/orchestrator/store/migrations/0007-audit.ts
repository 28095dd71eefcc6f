/** The audit chain: its head, its events, its signed checkpoints, and ended jobs whose history waits to be chained. */
import { index, type Migration, table } from './step.js';

export const audit: Migration = {
  version: 7,
  name: 'audit',
  steps: [
    table(
      'audit_head',
      'tenant_id varchar(26) not null, seq bigint not null, hash varchar(64) not null, primary key (tenant_id)',
    ),
    table(
      'audit_event',
      `tenant_id varchar(26) not null, seq bigint not null, created_at bigint not null,
       action varchar(64) not null, actor_id varchar(26), target_id varchar(190),
       body mediumtext not null, hash varchar(64) not null, mac varchar(64) not null, primary key (tenant_id, seq)`,
    ),
    index('audit_event', 'action', ['tenant_id', 'action', 'seq']),
    index('audit_event', 'actor', ['tenant_id', 'actor_id', 'seq']),
    index('audit_event', 'target', ['tenant_id', 'target_id', 'seq']),
    table(
      'audit_checkpoint',
      `tenant_id varchar(26) not null, number integer not null, seq bigint not null, created_at bigint not null,
       body text not null, primary key (tenant_id, number)`,
    ),
    table(
      'job_seal',
      'job_id varchar(26) not null, tenant_id varchar(26) not null, ended_at bigint not null, primary key (job_id)',
    ),
    index('job_seal', 'order', ['tenant_id', 'job_id']),
  ],
};
