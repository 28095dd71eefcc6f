/** Which resources hold what cannot be made again, and which of their properties cannot change in place. */
import type { TemplateResource } from '../template.js';

const STATEFUL: ReadonlySet<string> = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::Backup::BackupVault',
  'AWS::ECR::Repository',
  'AWS::SecretsManager::Secret',
  'AWS::Logs::LogGroup',
  'AWS::DynamoDB::Table',
  'AWS::EFS::FileSystem',
]);

export function isStateful(type: string): boolean {
  return STATEFUL.has(type);
}

/** What becomes of the old resource when it is removed or replaced. */
export function fateOf(
  resource: TemplateResource | undefined,
  how: 'remove' | 'replace',
): 'kept' | 'snapshot' | 'lost' {
  const policy = how === 'remove' ? resource?.DeletionPolicy : resource?.UpdateReplacePolicy;
  if (policy === 'Retain' || policy === 'RetainExceptOnCreate') return 'kept';
  return policy === 'Snapshot' ? 'snapshot' : 'lost';
}

/** For an answer of AWS that does not say: properties whose change makes the resource anew. */
export function isCreateOnly(type: string, property: string): boolean {
  return CREATE_ONLY[type]?.includes(property) ?? false;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ ("Update requires: Replacement") */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::RDS::DBInstance': [
    'DBInstanceIdentifier',
    'DBSubnetGroupName',
    'Engine',
    'KmsKeyId',
    'MasterUsername',
    'StorageEncrypted',
    'DBName',
    'CharacterSetName',
    'SourceRegion',
    'Timezone',
  ],
  'AWS::RDS::DBSubnetGroup': ['DBSubnetGroupName'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::ECR::Repository': ['RepositoryName', 'EncryptionConfiguration'],
  'AWS::Backup::BackupVault': ['BackupVaultName', 'EncryptionKeyArn'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema'],
  'AWS::EFS::FileSystem': ['Encrypted', 'KmsKeyId', 'PerformanceMode'],
  'AWS::EC2::VPC': ['CidrBlock'],
  'AWS::EC2::Subnet': ['AvailabilityZone', 'CidrBlock', 'VpcId'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName', 'VpcId'],
  'AWS::EC2::Instance': ['ImageId', 'AvailabilityZone', 'KeyName', 'SubnetId'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Name', 'Scheme', 'Type'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['Name', 'Port', 'Protocol', 'TargetType', 'VpcId'],
  'AWS::AutoScaling::AutoScalingGroup': ['AutoScalingGroupName'],
};
