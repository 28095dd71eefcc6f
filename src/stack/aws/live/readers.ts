/** By type of resource: how its live state is read. What is not listed has no live check. */
import { readGuardDuty, readSecurityHub } from './account.js';
import { readAutoScalingGroup, readEcsService, readScalingPolicy } from './compute.js';
import { readFlowLog, readInstance, readLaunchTemplate, readSecurityGroup, readVpcEndpoint } from './ec2.js';
import {
  readBackupPlan,
  readBackupSelection,
  readBackupVault,
  readKey,
  readRegistryScanning,
  readRepository,
  readRestoreTestingPlan,
} from './keeping.js';
import type { LiveReader } from './live-facts.js';
import {
  readListener,
  readLoadBalancer,
  readTargetGroup,
  readWafLogging,
  readWebAcl,
  readWebAclAssociation,
} from './load-balancing.js';
import { readDbInstance, readDbParameterGroup } from './rds.js';
import { readBucket, readBucketPolicy } from './s3.js';
import { readAlarm, readLogGroup, readTopic } from './watching.js';

export const READERS: Readonly<Record<string, LiveReader>> = {
  'AWS::S3::Bucket': readBucket,
  'AWS::S3::BucketPolicy': readBucketPolicy,
  'AWS::RDS::DBInstance': readDbInstance,
  'AWS::RDS::DBParameterGroup': readDbParameterGroup,
  'AWS::EC2::SecurityGroup': readSecurityGroup,
  'AWS::EC2::Instance': readInstance,
  'AWS::EC2::LaunchTemplate': readLaunchTemplate,
  'AWS::EC2::FlowLog': readFlowLog,
  'AWS::EC2::VPCEndpoint': readVpcEndpoint,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': readLoadBalancer,
  'AWS::ElasticLoadBalancingV2::Listener': readListener,
  'AWS::ElasticLoadBalancingV2::TargetGroup': readTargetGroup,
  'AWS::WAFv2::WebACL': readWebAcl,
  'AWS::WAFv2::WebACLAssociation': readWebAclAssociation,
  'AWS::WAFv2::LoggingConfiguration': readWafLogging,
  'AWS::CloudWatch::Alarm': readAlarm,
  'AWS::CloudWatch::CompositeAlarm': readAlarm,
  'AWS::Logs::LogGroup': readLogGroup,
  'AWS::SNS::Topic': readTopic,
  'AWS::KMS::Key': readKey,
  'AWS::ECR::Repository': readRepository,
  'AWS::ECR::RegistryScanningConfiguration': readRegistryScanning,
  'AWS::Backup::BackupVault': readBackupVault,
  'AWS::Backup::BackupPlan': readBackupPlan,
  'AWS::Backup::BackupSelection': readBackupSelection,
  'AWS::Backup::RestoreTestingPlan': readRestoreTestingPlan,
  'AWS::AutoScaling::AutoScalingGroup': readAutoScalingGroup,
  'AWS::AutoScaling::ScalingPolicy': readScalingPolicy,
  'AWS::ECS::Service': readEcsService,
};

/** Read once, whatever the template says. */
export const ACCOUNT_READERS: Readonly<Record<string, LiveReader>> = {
  'account:GuardDuty': readGuardDuty,
  'account:SecurityHub': readSecurityHub,
};
