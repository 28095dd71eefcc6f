/** Projects, environments, pools, robots and their versions, processes, deployments. */
import { index, type Migration, table, unique } from './step.js';

const NAMED = `id varchar(26) not null, tenant_id varchar(26) not null, name varchar(190) not null,
  created_at bigint not null, primary key (id)`;

export const catalog: Migration = {
  version: 2,
  name: 'catalog',
  steps: [
    table('project', NAMED),
    unique('project', 'name', ['tenant_id', 'name']),
    table('environment', NAMED),
    unique('environment', 'name', ['tenant_id', 'name']),
    table('pool', NAMED),
    unique('pool', 'name', ['tenant_id', 'name']),
    table('robot', `project_id varchar(26) not null, ${NAMED}`),
    unique('robot', 'name', ['tenant_id', 'project_id', 'name']),
    table(
      'robot_version',
      `id varchar(26) not null, tenant_id varchar(26) not null, robot_id varchar(26) not null,
       version varchar(64) not null, state varchar(16) not null, digest varchar(190) not null,
       sha256 varchar(64) not null, size_bytes bigint not null, blob_key varchar(190) not null,
       wrapped_key text not null, manifest mediumtext not null, created_by varchar(254) not null,
       created_at bigint not null, primary key (id)`,
    ),
    unique('robot_version', 'version', ['tenant_id', 'robot_id', 'version']),
    index('robot_version', 'newest', ['tenant_id', 'robot_id', 'id']),
    table(
      'process',
      `project_id varchar(26) not null, robot_id varchar(26) not null, pool_id varchar(26) not null,
       priority integer not null, timeout_ms bigint, max_attempts integer not null, on_lost varchar(16),
       ${NAMED}`,
    ),
    unique('process', 'name', ['tenant_id', 'project_id', 'name']),
    index('process', 'robot', ['tenant_id', 'robot_id']),
    table(
      'deployment',
      `id varchar(26) not null, tenant_id varchar(26) not null, robot_id varchar(26) not null,
       environment_id varchar(26) not null, seq integer not null, version_id varchar(26) not null,
       previous_version_id varchar(26), kind varchar(16) not null, reason text,
       created_by varchar(254) not null, created_at bigint not null, primary key (id)`,
    ),
    // Two deployments at once meet here: one of them sees that it was not the next.
    unique('deployment', 'order', ['tenant_id', 'robot_id', 'environment_id', 'seq']),
    index('deployment', 'newest', ['tenant_id', 'id']),
  ],
};
