/** The room's port to AWS over real clients. */
import { BackupClient } from '@aws-sdk/client-backup';
import { RDSClient } from '@aws-sdk/client-rds';
import type { Cloud } from '../cloud.js';
import { keyState, securityGroups, whoCalls } from './account.js';
import type { AwsAccess } from './clients.js';
import * as read from './rds-read.js';
import * as write from './rds-write.js';
import { databaseSecret, iamToken } from './sign-in.js';
import * as vault from './vault.js';

export function createCloud(access: AwsAccess): Cloud {
  const rds = new RDSClient(access.options());
  const backup = new BackupClient(access.options());
  return {
    region: access.target.region,
    caller: () => whoCalls(access),
    instance: (id) => read.describeInstance(access, rds, id),
    instances: () => read.listInstances(access, rds),
    snapshots: (source) => read.listSnapshots(access, rds, source),
    snapshot: (id) => read.describeSnapshot(access, rds, id),
    recoveryPoints: (source) => vault.recoveryPoints(access, backup, source),
    restoreWindow: (source) => read.restoreWindow(access, rds, source),
    subnetGroup: (name) => read.subnetGroup(access, rds, name),
    securityGroups: (ids) => securityGroups(access, ids),
    parameterGroups: (prefix) => read.parameterGroups(access, rds, prefix),
    keyState: (keyId) => keyState(access, keyId),
    isOrderable: (wanted) => read.isOrderable(access, rds, wanted),
    instanceEvents: (id, since) => read.instanceEvents(access, rds, id, since),
    restore: (request) => write.restoreNative(access, rds, request),
    startRestoreJob: (request, job) => vault.startRestoreJob(access, backup, request, job),
    restoreJob: (id) => vault.restoreJob(access, backup, id),
    putValidation: (job, verdict, message) => vault.putValidation(access, backup, job, verdict, message),
    modify: (id, change) => write.modifyInstance(access, rds, id, change),
    remove: (id) => write.deleteInstance(access, rds, id),
    addTags: (arn, tags) => write.addTags(access, rds, arn, tags),
    copyParameterGroup: (from, to, tags) => write.copyParameterGroup(access, rds, from, to, tags),
    deleteParameterGroup: (name) => write.deleteParameterGroup(access, rds, name),
    createSnapshot: (source, id, tags) => write.createSnapshot(access, rds, source, id, tags),
    iamToken: (host, port, user) => iamToken(access, host, port, user),
    databaseSecret: (id) => databaseSecret(access, id),
    refreshCredentials: () => access.refresh(),
    onRequest: (listener) => {
      access.onRequest = listener;
    },
  };
}
