/** Looks up what a template needs to know of the account and region: zones, images, prefix list, hosted zone, certificate. */
import { ACMClient, paginateListCertificates } from '@aws-sdk/client-acm';
import {
  DescribeAvailabilityZonesCommand,
  DescribeManagedPrefixListsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { RocError } from '../../kernel/errors.js';
import type { StackConfig } from '../config-shape.js';
import type { StackFacts } from '../facts.js';
import type { ImagePlace } from '../first-image.js';
import type { AwsAccess } from './access.js';
import { callAws } from './call.js';
import { isImageThere } from './images.js';
import { readParameter } from './parameters.js';

/** @see https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli for the public parameters */
const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-';

/** @throws RocError ROC_INVALID_INPUT where the region lacks what the stack is made of */
export async function gatherFacts(
  access: AwsAccess,
  config: Pick<StackConfig, 'domain'>,
  { image, files = {} }: { readonly image?: ImagePlace; readonly files?: StackFacts['files'] } = {},
): Promise<StackFacts> {
  const { region } = access.target;
  const domain = config.domain;
  const [zones, arm64, x86, s3PrefixListId, zoneId, certificateArn, hasImage] = await Promise.all([
    twoZones(access),
    readParameter(access, `${IMAGE}arm64`),
    readParameter(access, `${IMAGE}x86_64`),
    s3PrefixList(access),
    domain === undefined ? null : (domain.zoneId ?? hostedZone(access, domain.name)),
    domain === undefined || domain.certificateArn !== undefined ? null : certificate(access, domain.name),
    image === undefined ? null : isImageThere(access, image),
  ]);
  if (arm64 === null || x86 === null)
    throw lacking(`${region} has no image of Amazon Linux 2023 under ${IMAGE}*`);
  const images = { arm64, x86_64: x86 };
  return { region, zones, images, s3PrefixListId, zoneId, certificateArn, hasImage, files };
}

/** The first two by name, so that each plan finds the same; local zones are none. */
async function twoZones(access: AwsAccess): Promise<[string, string]> {
  const reply = await callAws('ec2:DescribeAvailabilityZones', (abortSignal) =>
    access.client(EC2Client).send(new DescribeAvailabilityZonesCommand({}), { abortSignal }),
  );
  const names = (reply.AvailabilityZones ?? [])
    .filter(
      ({ ZoneType, State }) =>
        (ZoneType ?? 'availability-zone') === 'availability-zone' && State === 'available',
    )
    .map(({ ZoneName }) => ZoneName ?? '')
    .sort();
  const [first, second] = names;
  if (first === undefined || second === undefined)
    throw lacking(`${access.target.region} has fewer than two availability zones`);
  return [first, second];
}

async function s3PrefixList(access: AwsAccess): Promise<string> {
  const name = `com.amazonaws.${access.target.region}.s3`;
  const reply = await callAws('ec2:DescribeManagedPrefixLists', (abortSignal) =>
    access
      .client(EC2Client)
      .send(
        new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'prefix-list-name', Values: [name] }] }),
        { abortSignal },
      ),
  );
  const found = (reply.PrefixLists ?? []).find(({ PrefixListName }) => PrefixListName === name);
  if (found?.PrefixListId === undefined) throw lacking(`there is no prefix list ${name}`);
  return found.PrefixListId;
}

/** The public zone whose name is the domain's longest ending; null where Route 53 has none. */
async function hostedZone(access: AwsAccess, domain: string): Promise<string | null> {
  const labels = domain.split('.');
  for (let from = 0; from < labels.length - 1; from++) {
    const name = `${labels.slice(from).join('.')}.`;
    const reply = await callAws('route53:ListHostedZonesByName', (abortSignal) =>
      access
        .client(Route53Client)
        .send(new ListHostedZonesByNameCommand({ DNSName: name, MaxItems: 1 }), { abortSignal }),
    );
    const zone = reply.HostedZones?.find(({ Name, Config }) => Name === name && Config?.PrivateZone !== true);
    if (zone?.Id !== undefined) return zone.Id.split('/').at(-1) ?? null;
  }
  return null;
}

/** An issued certificate that covers the name; the first by ARN where there are several. */
async function certificate(access: AwsAccess, domain: string): Promise<string | null> {
  const wildcard = `*.${domain.split('.').slice(1).join('.')}`;
  return callAws('acm:ListCertificates', async (abortSignal) => {
    const found: string[] = [];
    const pages = paginateListCertificates(
      { client: access.client(ACMClient) },
      { CertificateStatuses: ['ISSUED'] },
      { abortSignal },
    );
    for await (const page of pages) {
      for (const {
        CertificateArn,
        DomainName,
        SubjectAlternativeNameSummaries: others = [],
      } of page.CertificateSummaryList ?? [])
        if ([DomainName, ...others].some((name) => name === domain || name === wildcard))
          found.push(CertificateArn ?? '');
    }
    return found.sort()[0] ?? null;
  });
}

function lacking(what: string): RocError {
  return new RocError('ROC_INVALID_INPUT', `${what}, which the stack needs`, {
    hint: 'Choose another region with --region or stack.region.',
  });
}
