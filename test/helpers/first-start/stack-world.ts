/** What CloudFormation would have made of a template before its hosts start, in moto: secrets, keys, bucket, parameters, the balancer's addresses. */
import { CreateNetworkInterfaceCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Template } from '../../../src/stack/template.js';
import { resolveText, type StackValues } from './resolve.js';

export interface StackWorld {
  readonly values: StackValues;
  readonly bucket: string;
  /** The user data of a launch template. */
  userData(id: string): string;
  /** Writes the parameters of the template anew, as an update of the stack would. */
  putParameters(template: Template): Promise<void>;
  putSecret(id: string, text: string): Promise<void>;
}

export interface StackWorldOptions {
  readonly template: Template;
  readonly aws: Readonly<Record<string, string>>;
  readonly balancerAddress: string;
  /** The database that the stack has: what its attributes are, and who its master is. */
  readonly database: {
    readonly id: string;
    readonly host: string;
    readonly user: string;
    readonly password: string;
  };
  /** Stand in for anything else. */
  readonly values?: StackValues;
}

const BALANCER = 'app/roc-p-Balan-1A2B3C4D5E6F/0123456789abcdef';

export async function makeStackWorld(options: StackWorldOptions): Promise<StackWorld> {
  const { template, aws, database } = options;
  const region = aws['AWS_REGION'] ?? '';
  const client = {
    region,
    endpoint: aws['AWS_ENDPOINT_URL'] ?? '',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  };
  const secrets = new SecretsManagerClient(client);
  const secret = async (name: string, text?: string) => {
    const made = await secrets.send(
      new CreateSecretCommand({ Name: name, ...(text === undefined ? {} : { SecretString: text }) }),
    );
    return made.ARN ?? '';
  };
  const kms = new KMSClient(client);
  const key = async (signs: boolean) => {
    const how = signs ? ({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const) : {};
    return (await kms.send(new CreateKeyCommand(how))).KeyMetadata?.Arn ?? '';
  };
  const bucket = `roc-prod-robots-${Date.now()}`;
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const ec2 = new EC2Client(client);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  await ec2.send(
    new CreateNetworkInterfaceCommand({
      SubnetId: Subnets[0]?.SubnetId,
      Description: `ELB ${BALANCER}`,
      PrivateIpAddress: options.balancerAddress,
    }),
  );
  const values: Record<string, string> = {
    'AWS::Region': region,
    'AWS::AccountId': '123456789012',
    'Repository.RepositoryUri': `123456789012.dkr.ecr.${region}.amazonaws.com/roc-prod/orchestrator`,
    'Balancer.LoadBalancerFullName': BALANCER,
    'Database.Endpoint.Address': database.host,
    'Database.MasterUserSecret.SecretArn': await secret(
      'master',
      JSON.stringify({ username: database.user, password: database.password }),
    ),
    Database: database.id,
    AppUserSecret: await secret(
      'app-user',
      '{"username":"roc","password":"Ap9pUs3rS3cr3tOf40characters000000000000"}',
    ),
    AdminSecret: await secret(
      'admin',
      '{"email":"admin@localhost","password":"F1rstOwn3rOf40characters0000000000000000"}',
    ),
    SigningKeysSecret: await secret('signing-keys'),
    OpsKeySecret: await secret('ops-key'),
    'DataKey.Arn': await key(false),
    'EvidenceKey.Arn': await key(true),
    RobotsBucket: bucket,
    OrchestratorLogs: '/roc/roc-prod/orchestrator',
    SystemLogs: '/roc/roc-prod/system',
    DutyLogs: '/roc/roc-prod/duties',
    ...options.values,
  };
  const ssm = new SSMClient({ ...client, endpoint: aws['AWS_ENDPOINT_URL_SSM'] ?? client.endpoint });
  const world: StackWorld = {
    values,
    bucket,
    userData(id) {
      const data = template.Resources[id]?.Properties?.['LaunchTemplateData'];
      return resolveText((data as { UserData: unknown }).UserData, values);
    },
    async putParameters({ Resources }) {
      for (const { Type, Properties } of Object.values(Resources))
        if (Type === 'AWS::SSM::Parameter')
          await ssm.send(
            new PutParameterCommand({
              Name: resolveText(Properties?.['Name'], values),
              Value: resolveText(Properties?.['Value'], lenient(values)),
              Type: 'String',
              Overwrite: true,
            }),
          );
    },
    async putSecret(id, text) {
      await secrets.send(new PutSecretValueCommand({ SecretId: values[id], SecretString: text }));
    },
  };
  await world.putParameters(template);
  return world;
}

/** The outputs name everything; what a test has no value for is its own name. */
function lenient(values: StackValues): StackValues {
  return new Proxy(values, { get: (all, key) => all[String(key)] ?? `no-${String(key)}` });
}
