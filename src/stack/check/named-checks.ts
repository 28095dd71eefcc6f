/** The rules that are programs, by the name that the policy calls them. */

import { publicBuckets, tlsOnlyBuckets } from './bucket-checks.js';
import type { CheckInput } from './check-input.js';
import { parameterFamily, tlsToDatabase, writtenSecrets } from './database-checks.js';
import { heldApart, plainHttp, targetsByTls } from './edge-checks.js';
import { hostSubnets } from './host-checks.js';
import { awsPolicies, starActions, starPrincipals, starResources } from './iam-checks.js';
import { databaseReach, openEgress, openIngress, shutByDefault } from './network-checks.js';
import {
  broadExceptions,
  countingGroups,
  missingGroups,
  runnerRates,
  unprotectedBalancer,
} from './waf-checks.js';

/** Gives the logical ids of the resources that break the rule. */
export type NamedCheck = (input: CheckInput) => readonly string[];

export const NAMED_CHECKS: Readonly<Record<string, NamedCheck>> = {
  'open-ingress': openIngress,
  'open-egress': openEgress,
  'shut-by-default': shutByDefault,
  'database-reach': databaseReach,
  'plain-http': plainHttp,
  'targets-by-tls': targetsByTls,
  'held-apart': heldApart,
  'public-buckets': publicBuckets,
  'tls-only-buckets': tlsOnlyBuckets,
  'star-actions': starActions,
  'star-resources': starResources,
  'star-principals': starPrincipals,
  'aws-policies': awsPolicies,
  'parameter-family': parameterFamily,
  'tls-to-database': tlsToDatabase,
  'written-secrets': writtenSecrets,
  'host-subnets': hostSubnets,
  'waf-groups': missingGroups,
  'waf-counting': countingGroups,
  'waf-exceptions': broadExceptions,
  'waf-runner-rates': runnerRates,
  'waf-unprotected': unprotectedBalancer,
};
