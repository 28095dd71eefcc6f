/** All migrations, oldest first. What has landed is never changed; a new need is a new number. */
import { identity } from './migrations/0001-identity.js';
import { catalog } from './migrations/0002-catalog.js';
import { jobs } from './migrations/0003-jobs.js';
import { runners } from './migrations/0004-runners.js';
import { jobLists } from './migrations/0005-job-lists.js';
import { access } from './migrations/0006-access.js';
import { audit } from './migrations/0007-audit.js';
import { signInTables } from './migrations/0008-sign-in.js';
import { evidence } from './migrations/0009-evidence.js';
import { ssoSessions } from './migrations/0010-sso-sessions.js';
import { keys } from './migrations/0011-keys.js';
import { proofs } from './migrations/0013-proofs.js';
import { assetGrants } from './migrations/0014-asset-grants.js';
import { retention } from './migrations/0015-retention.js';
import { evidenceSigners } from './migrations/0016-evidence-signers.js';
import { tenantRules } from './migrations/0017-tenant-rules.js';
import { nodes } from './migrations/0020-nodes.js';
import { jobSpare } from './migrations/0021-job-spare.js';
import { evidenceStatements } from './migrations/0025-evidence-statements.js';
import type { Migration } from './migrations/step.js';

export const MIGRATIONS: readonly Migration[] = [
  identity,
  catalog,
  jobs,
  runners,
  jobLists,
  access,
  audit,
  signInTables,
  evidence,
  ssoSessions,
  keys,
  proofs,
  assetGrants,
  retention,
  evidenceSigners,
  tenantRules,
  nodes,
  jobSpare,
  evidenceStatements,
];
