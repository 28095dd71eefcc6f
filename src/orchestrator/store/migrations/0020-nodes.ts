/** The servers of an installation: who is there, since when, how busy, and whether it shall rest. */
import { index, type Migration, table } from './step.js';

export const nodes: Migration = {
  version: 20,
  name: 'nodes',
  steps: [
    table(
      'node',
      `id varchar(26) not null, instance_id varchar(64), version varchar(64) not null,
       is_draining integer not null, load_json text not null,
       started_at bigint not null, last_seen_at bigint not null, primary key (id)`,
    ),
    index('node', 'seen', ['last_seen_at']),
  ],
};
