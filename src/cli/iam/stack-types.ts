/** What CloudFormation calls in the caller's name to make, change, read and delete each type of the stack. */

/** `SERVICE: Action Action …`, the service as IAM calls it. */
export const TYPE_ACTIONS: Readonly<Record<string, string>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget':
    'application-autoscaling: RegisterScalableTarget DeregisterScalableTarget DescribeScalableTargets',
  'AWS::ApplicationAutoScaling::ScalingPolicy':
    'application-autoscaling: PutScalingPolicy DeleteScalingPolicy DescribeScalingPolicies',
  'AWS::AutoScaling::AutoScalingGroup':
    'autoscaling: CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup DescribeAutoScalingGroups DescribeScalingActivities CreateOrUpdateTags DeleteTags EnableMetricsCollection DisableMetricsCollection PutNotificationConfiguration DeleteNotificationConfiguration DescribeNotificationConfigurations AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups SuspendProcesses ResumeProcesses TerminateInstanceInAutoScalingGroup',
  'AWS::AutoScaling::LifecycleHook':
    'autoscaling: PutLifecycleHook DeleteLifecycleHook DescribeLifecycleHooks',
  'AWS::AutoScaling::ScalingPolicy': 'autoscaling: PutScalingPolicy DeletePolicy DescribePolicies',
  'AWS::Backup::BackupPlan':
    'backup: CreateBackupPlan UpdateBackupPlan DeleteBackupPlan GetBackupPlan ListTags TagResource UntagResource',
  'AWS::Backup::BackupSelection': 'backup: CreateBackupSelection DeleteBackupSelection GetBackupSelection',
  'AWS::Backup::BackupVault':
    'backup: CreateBackupVault DescribeBackupVault DeleteBackupVault PutBackupVaultNotifications DeleteBackupVaultNotifications GetBackupVaultNotifications PutBackupVaultLockConfiguration DeleteBackupVaultLockConfiguration',
  'AWS::Backup::RestoreTestingPlan':
    'backup: CreateRestoreTestingPlan UpdateRestoreTestingPlan DeleteRestoreTestingPlan GetRestoreTestingPlan',
  'AWS::Backup::RestoreTestingSelection':
    'backup: CreateRestoreTestingSelection UpdateRestoreTestingSelection DeleteRestoreTestingSelection GetRestoreTestingSelection',
  'AWS::CertificateManager::Certificate':
    'acm: RequestCertificate DescribeCertificate DeleteCertificate AddTagsToCertificate ListTagsForCertificate',
  'AWS::CloudWatch::Alarm':
    'cloudwatch: PutMetricAlarm DeleteAlarms DescribeAlarms TagResource UntagResource ListTagsForResource',
  'AWS::CloudWatch::Dashboard': 'cloudwatch: PutDashboard GetDashboard DeleteDashboards',
  'AWS::EC2::EIP': 'ec2: AllocateAddress ReleaseAddress DescribeAddresses CreateTags DeleteTags',
  'AWS::EC2::FlowLog': 'ec2: CreateFlowLogs DeleteFlowLogs DescribeFlowLogs',
  'AWS::EC2::Instance':
    'ec2: RunInstances TerminateInstances StopInstances StartInstances DescribeInstances DescribeInstanceAttribute ModifyInstanceAttribute DescribeVolumes DescribeInstanceStatus DescribeLaunchTemplates MonitorInstances UnmonitorInstances AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation DescribeIamInstanceProfileAssociations',
  'AWS::EC2::InternetGateway': 'ec2: CreateInternetGateway DeleteInternetGateway DescribeInternetGateways',
  'AWS::EC2::LaunchTemplate':
    'ec2: CreateLaunchTemplate CreateLaunchTemplateVersion DeleteLaunchTemplate DescribeLaunchTemplates DescribeLaunchTemplateVersions',
  'AWS::EC2::NatGateway': 'ec2: CreateNatGateway DeleteNatGateway DescribeNatGateways',
  'AWS::EC2::Route': 'ec2: CreateRoute ReplaceRoute DeleteRoute DescribeRouteTables',
  'AWS::EC2::RouteTable': 'ec2: CreateRouteTable DeleteRouteTable DescribeRouteTables',
  'AWS::EC2::SecurityGroup':
    'ec2: CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress':
    'ec2: AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsIngress DescribeSecurityGroupRules',
  'AWS::EC2::Subnet': 'ec2: CreateSubnet DeleteSubnet ModifySubnetAttribute DescribeSubnets',
  'AWS::EC2::SubnetRouteTableAssociation':
    'ec2: AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation',
  'AWS::EC2::VPC': 'ec2: CreateVpc DeleteVpc ModifyVpcAttribute DescribeVpcs DescribeVpcAttribute',
  'AWS::EC2::VPCEndpoint':
    'ec2: CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints DescribeVpcEndpointServices',
  'AWS::EC2::VPCGatewayAttachment': 'ec2: AttachInternetGateway DetachInternetGateway',
  'AWS::ECR::Repository':
    'ecr: CreateRepository DeleteRepository DescribeRepositories PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy PutImageTagMutability PutImageScanningConfiguration TagResource UntagResource ListTagsForResource GetRepositoryPolicy',
  'AWS::ECS::Cluster':
    'ecs: CreateCluster UpdateCluster UpdateClusterSettings DeleteCluster DescribeClusters TagResource UntagResource',
  'AWS::ECS::Service': 'ecs: CreateService UpdateService DeleteService DescribeServices',
  'AWS::ECS::TaskDefinition': 'ecs: RegisterTaskDefinition DeregisterTaskDefinition DescribeTaskDefinition',
  'AWS::ElasticLoadBalancingV2::Listener':
    'elasticloadbalancing: CreateListener ModifyListener DeleteListener DescribeListeners ModifyListenerAttributes DescribeListenerAttributes',
  'AWS::ElasticLoadBalancingV2::ListenerRule':
    'elasticloadbalancing: CreateRule ModifyRule DeleteRule DescribeRules SetRulePriorities',
  'AWS::ElasticLoadBalancingV2::LoadBalancer':
    'elasticloadbalancing: CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers ModifyLoadBalancerAttributes DescribeLoadBalancerAttributes SetSecurityGroups SetSubnets AddTags RemoveTags DescribeTags',
  'AWS::ElasticLoadBalancingV2::TargetGroup':
    'elasticloadbalancing: CreateTargetGroup ModifyTargetGroup DeleteTargetGroup DescribeTargetGroups ModifyTargetGroupAttributes DescribeTargetGroupAttributes DescribeTargetHealth',
  'AWS::Events::Rule':
    'events: PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule EnableRule DisableRule TagResource UntagResource',
  'AWS::IAM::InstanceProfile':
    'iam: CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile',
  'AWS::IAM::ManagedPolicy':
    'iam: CreatePolicy DeletePolicy GetPolicy GetPolicyVersion CreatePolicyVersion DeletePolicyVersion ListPolicyVersions ListEntitiesForPolicy AttachRolePolicy DetachRolePolicy',
  'AWS::IAM::Role':
    'iam: CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies ListRolePolicies TagRole UntagRole PassRole CreateServiceLinkedRole',
  'AWS::KMS::Alias': 'kms: CreateAlias UpdateAlias DeleteAlias ListAliases',
  'AWS::KMS::Key':
    'kms: CreateKey DescribeKey PutKeyPolicy GetKeyPolicy EnableKeyRotation GetKeyRotationStatus UpdateKeyDescription ScheduleKeyDeletion TagResource UntagResource ListResourceTags CreateGrant GenerateDataKey Decrypt',
  'AWS::Logs::LogGroup':
    'logs: CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy AssociateKmsKey TagResource UntagResource ListTagsForResource PutResourcePolicy DescribeResourcePolicies CreateLogDelivery DeleteLogDelivery GetLogDelivery UpdateLogDelivery ListLogDeliveries',
  'AWS::RDS::DBInstance':
    'rds: CreateDBInstance ModifyDBInstance DeleteDBInstance DescribeDBInstances RebootDBInstance CreateDBSnapshot DescribeDBSnapshots AddTagsToResource RemoveTagsFromResource ListTagsForResource',
  'AWS::RDS::DBParameterGroup':
    'rds: CreateDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup DescribeDBParameterGroups DescribeDBParameters DescribeEngineDefaultParameters',
  'AWS::RDS::DBSubnetGroup':
    'rds: CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup DescribeDBSubnetGroups',
  'AWS::RDS::EventSubscription':
    'rds: CreateEventSubscription ModifyEventSubscription DeleteEventSubscription DescribeEventSubscriptions',
  'AWS::Route53::RecordSet':
    'route53: ChangeResourceRecordSets ListResourceRecordSets GetChange GetHostedZone',
  'AWS::Route53Resolver::FirewallDomainList':
    'route53resolver: CreateFirewallDomainList UpdateFirewallDomains DeleteFirewallDomainList GetFirewallDomainList ListFirewallDomains TagResource UntagResource ListTagsForResource',
  'AWS::Route53Resolver::FirewallRuleGroup':
    'route53resolver: CreateFirewallRuleGroup DeleteFirewallRuleGroup GetFirewallRuleGroup CreateFirewallRule UpdateFirewallRule DeleteFirewallRule ListFirewallRules',
  'AWS::Route53Resolver::FirewallRuleGroupAssociation':
    'route53resolver: AssociateFirewallRuleGroup UpdateFirewallRuleGroupAssociation DisassociateFirewallRuleGroup GetFirewallRuleGroupAssociation',
  'AWS::S3::Bucket':
    's3: CreateBucket DeleteBucket ListBucket PutBucketVersioning GetBucketVersioning PutBucketPublicAccessBlock GetBucketPublicAccessBlock PutEncryptionConfiguration GetEncryptionConfiguration PutLifecycleConfiguration GetLifecycleConfiguration PutBucketLogging GetBucketLogging PutBucketOwnershipControls GetBucketOwnershipControls PutBucketTagging GetBucketTagging',
  'AWS::S3::BucketPolicy': 's3: PutBucketPolicy GetBucketPolicy DeleteBucketPolicy',
  'AWS::SNS::Subscription': 'sns: Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes',
  'AWS::SNS::Topic':
    'sns: CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic TagResource UntagResource ListTagsForResource',
  'AWS::SNS::TopicPolicy': 'sns: SetTopicAttributes GetTopicAttributes',
  'AWS::SSM::Document':
    'ssm: CreateDocument UpdateDocument UpdateDocumentDefaultVersion DeleteDocument DescribeDocument GetDocument AddTagsToResource RemoveTagsFromResource ListTagsForResource',
  'AWS::SSM::Parameter': 'ssm: PutParameter DeleteParameter GetParameters DescribeParameters',
  'AWS::SecretsManager::Secret':
    'secretsmanager: CreateSecret UpdateSecret DeleteSecret DescribeSecret GetRandomPassword TagResource UntagResource',
  'AWS::WAFv2::IPSet': 'wafv2: CreateIPSet UpdateIPSet DeleteIPSet GetIPSet',
  'AWS::WAFv2::LoggingConfiguration':
    'wafv2: PutLoggingConfiguration GetLoggingConfiguration DeleteLoggingConfiguration ListLoggingConfigurations',
  'AWS::WAFv2::WebACL':
    'wafv2: CreateWebACL UpdateWebACL DeleteWebACL GetWebACL TagResource UntagResource ListTagsForResource',
  'AWS::WAFv2::WebACLAssociation': 'wafv2: AssociateWebACL DisassociateWebACL GetWebACLForResource',
};
