/** What the orchestrator is told and may do, whichever way its container is run. */
import { Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';
import type { Database } from './database.js';
import { APP_PORT } from './edge.js';
import type { Statement } from './iam.js';
import type { Network } from './network.js';
import type { Secrets } from './secrets.js';
import type { Storage } from './storage.js';

export interface OrchestratorNeeds {
  readonly url: string;
  readonly network: Network;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly storage: Storage;
  readonly dataKeyArn: string;
}

/** Its configuration as environment variables; secrets are named by ARN and read by the server itself. */
export function orchestratorEnv(context: Context, needs: OrchestratorNeeds): Record<string, string> {
  const { database, secrets, storage } = needs;
  const { port } = context.settings.db;
  return {
    AWS_REGION: Fn.ref('AWS::Region'),
    NODE_EXTRA_CA_CERTS: '/app/rds-ca.pem',
    // In memory: everything that lasts is in the database, the bucket and the secrets.
    ROC_SERVER__DATA_DIR: '/run/roc/data',
    ROC_SERVER__LISTEN: `0.0.0.0:${APP_PORT}`,
    ROC_SERVER__PUBLIC_URL: needs.url,
    ROC_SERVER__DATABASE: `mysql://roc@${database.endpoint}:${port}/roc?auth=secretsmanager:${secrets.appUserArn}`,
    ROC_SERVER__BLOBS: `s3://${storage.robots.name}/robots`,
    ROC_SERVER__KMS: `aws-kms:${needs.dataKeyArn}`,
    ROC_SERVER__SIGNING_KEYS: `secretsmanager:${secrets.signingKeysArn}`,
    ROC_SERVER__TRUSTED_PROXIES: needs.network.balancerCidrs.join(','),
    ROC_SERVER__EMBEDDED_METRICS: 'true',
    ROC_SERVER__STOP_WITHIN_SECONDS: '50',
  };
}

/** What the server itself asks of AWS: robots, the data key, its three secrets. */
export function orchestratorRights({ secrets, storage, dataKeyArn }: OrchestratorNeeds): Statement[] {
  return [
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      resources: [Fn.join('', [storage.robots.arn, '/robots/*'])],
    },
    { actions: ['s3:ListBucket'], resources: [storage.robots.arn] },
    {
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      resources: [dataKeyArn],
    },
    {
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secrets.appUserArn, secrets.signingKeysArn, secrets.adminArn],
    },
    // Keys that sign are made by the first node and changed by `roc signing-keys rotate`.
    { actions: ['secretsmanager:PutSecretValue'], resources: [secrets.signingKeysArn] },
  ];
}

/** None while the registry has no image: what starts would fail and be made again, without end. */
export function leastServers({ settings, facts }: Context): number {
  return facts.hasImage === false ? 0 : settings.app.min;
}

export interface Image {
  readonly uri: string;
  /** Whose layers are pulled. */
  readonly repositoryArn: string;
}

export function imageOf({ settings }: Context, { registry }: Storage): Image {
  const { image, version } = settings.app;
  if (image === null) return { uri: `${registry.uri}:${version}`, repositoryArn: registry.arn };
  const [, account = '', region = '', name = ''] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)/.exec(image) ?? [];
  return {
    uri: image,
    repositoryArn: Fn.sub(`arn:\${AWS::Partition}:ecr:${region}:${account}:repository/${name}`),
  };
}
