/** Looks before the first call that changes anything: certificate, quotas, names that are taken. Nothing is written. */
import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';

export interface CertificateFacts {
  readonly status: string;
  readonly names: readonly string[];
  readonly expiresAt: string | null;
}

/** Null where this region has no such certificate. */
export async function describeCertificate(access: AwsAccess, arn: string): Promise<CertificateFacts | null> {
  try {
    const { Certificate: found } = await callAws('acm:DescribeCertificate', (abortSignal) =>
      access.client(ACMClient).send(new DescribeCertificateCommand({ CertificateArn: arn }), { abortSignal }),
    );
    return {
      status: found?.Status ?? 'UNKNOWN',
      names: found?.SubjectAlternativeNames ?? [found?.DomainName ?? ''],
      expiresAt: found?.NotAfter?.toISOString() ?? null,
    };
  } catch (error) {
    if (/^(ResourceNotFoundException|CertificateNotFound)/.test(awsErrorName(error) ?? '')) return null;
    throw error;
  }
}

/** A quota that a template may run into: what it counts, and how much of it is used. */
export interface QuotaRule {
  readonly type: string;
  readonly what: string;
  readonly service: string;
  readonly code: string;
  readonly used: (access: AwsAccess) => Promise<number>;
}

/** @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html for codes */
export const QUOTAS: readonly QuotaRule[] = [
  {
    type: 'AWS::EC2::VPC',
    what: 'VPCs in the region',
    service: 'vpc',
    code: 'L-F678F1CE',
    used: async (access) => {
      const reply = await callAws('ec2:DescribeVpcs', (abortSignal) =>
        access.client(EC2Client).send(new DescribeVpcsCommand({}), { abortSignal }),
      );
      return reply.Vpcs?.length ?? 0;
    },
  },
  {
    type: 'AWS::EC2::EIP',
    what: 'Elastic IP addresses',
    service: 'ec2',
    code: 'L-0263D0A3',
    used: async (access) => {
      const reply = await callAws('ec2:DescribeAddresses', (abortSignal) =>
        access.client(EC2Client).send(new DescribeAddressesCommand({}), { abortSignal }),
      );
      return reply.Addresses?.length ?? 0;
    },
  },
  {
    type: 'AWS::EC2::NatGateway',
    what: 'NAT gateways in a zone',
    service: 'vpc',
    code: 'L-FE5A380F',
    used: async (access) => {
      const reply = await callAws('ec2:DescribeNatGateways', (abortSignal) =>
        access.client(EC2Client).send(new DescribeNatGatewaysCommand({}), { abortSignal }),
      );
      // The quota is a zone's: the region's count divided by two zones is the least that one zone has.
      return Math.ceil((reply.NatGateways ?? []).filter(({ State }) => State !== 'deleted').length / 2);
    },
  },
];

export async function quotaValue(access: AwsAccess, rule: QuotaRule): Promise<number | null> {
  const reply = await callAws('servicequotas:GetServiceQuota', (abortSignal) =>
    access
      .client(ServiceQuotasClient)
      .send(new GetServiceQuotaCommand({ ServiceCode: rule.service, QuotaCode: rule.code }), { abortSignal }),
  );
  return reply.Quota?.Value ?? null;
}

/** By type: the property that holds the name, and whether something of that name is there. */
export const NAMES: Readonly<
  Record<string, { property: string; isTaken: (access: AwsAccess, name: string) => Promise<boolean> }>
> = {
  'AWS::S3::Bucket': {
    property: 'BucketName',
    isTaken: (access, name) =>
      exists(
        // 403 and 301 say that somebody else has it.
        /^(NotFound|NoSuchBucket|404)$/,
        () =>
          callAws('s3:HeadBucket', (abortSignal) =>
            access.client(S3Client).send(new HeadBucketCommand({ Bucket: name }), { abortSignal }),
          ),
        /^(Forbidden|AccessDenied|403|PermanentRedirect|301)$/,
      ),
  },
  'AWS::ECR::Repository': {
    property: 'RepositoryName',
    isTaken: (access, name) =>
      exists(/^RepositoryNotFoundException$/, () =>
        callAws('ecr:DescribeRepositories', (abortSignal) =>
          access
            .client(ECRClient)
            .send(new DescribeRepositoriesCommand({ repositoryNames: [name] }), { abortSignal }),
        ),
      ),
  },
  'AWS::RDS::DBInstance': {
    property: 'DBInstanceIdentifier',
    isTaken: (access, name) =>
      exists(/^DBInstanceNotFound/, () =>
        callAws('rds:DescribeDBInstances', (abortSignal) =>
          access
            .client(RDSClient)
            .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }), { abortSignal }),
        ),
      ),
  },
};

async function exists(absent: RegExp, look: () => Promise<unknown>, present?: RegExp): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    const name = awsErrorName(error) ?? '';
    if (absent.test(name)) return false;
    if (present?.test(name)) return true;
    throw error;
  }
}
