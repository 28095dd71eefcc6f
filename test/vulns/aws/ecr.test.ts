import {
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type ImageDetail,
} from '@aws-sdk/client-ecr';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEcr } from '../../../src/vulns/aws/ecr.js';
import { awsError, visit } from './visit.js';

const ecr = mockClient(ECRClient);
const digest = (n: number) => `sha256:${String(n).padStart(64, '0')}`;
const image = (n: number, extra: Partial<ImageDetail> = {}): ImageDetail => ({
  registryId: '1',
  imageDigest: digest(n),
  ...extra,
});

beforeEach(() => {
  ecr.reset();
  ecr.on(DescribeRepositoriesCommand).resolves({ repositories: [{ repositoryName: 'a' }] });
  ecr
    .on(DescribeImageScanFindingsCommand)
    .resolves({ imageScanFindings: { findings: [] }, imageScanStatus: { status: 'COMPLETE' } });
});
afterEach(() => ecr.reset());

describe('ECR', () => {
  it('walks every page of repositories, images and findings', async () => {
    ecr
      .on(DescribeRepositoriesCommand)
      .resolvesOnce({ repositories: [{ repositoryName: 'a' }], nextToken: 'r' })
      .resolvesOnce({ repositories: [{ repositoryName: 'b' }, {}] });
    ecr
      .on(DescribeImagesCommand, { repositoryName: 'a' })
      .resolvesOnce({ imageDetails: [image(1)], nextToken: 'i' })
      .resolvesOnce({ imageDetails: [image(2)] });
    ecr.on(DescribeImagesCommand, { repositoryName: 'b' }).resolves({ imageDetails: [image(3)] });
    ecr
      .on(DescribeImageScanFindingsCommand, { imageId: { imageDigest: digest(1) } })
      .resolvesOnce({ imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: {}, nextToken: 'f' })
      .resolvesOnce({ imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: {} });
    const { documents } = await visit(readEcr);
    expect(documents).toHaveLength(4);
    expect(documents.at(-1)).toMatchObject({
      repositoryName: 'b',
      region: 'eu-west-1',
      imageId: { imageDigest: digest(3) },
    });
  });

  it('passes over a list of images for several platforms, whose images are listed beside it', async () => {
    const kinds = [
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
    ];
    ecr.on(DescribeImagesCommand).resolves({
      imageDetails: kinds.map((imageManifestMediaType, n) => image(n, { imageManifestMediaType })),
    });
    expect((await visit(readEcr)).documents).toMatchObject([{ imageId: { imageDigest: digest(2) } }]);
  });

  it('tells an image that was never scanned, and not one that is gone', async () => {
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [image(1), image(2)] });
    ecr
      .on(DescribeImageScanFindingsCommand)
      .rejectsOnce(awsError('ScanNotFoundException'))
      .rejectsOnce(awsError('ImageNotFoundException'));
    expect((await visit(readEcr)).documents).toMatchObject([
      { imageScanFindings: null, imageScanStatus: { status: 'SCAN_NOT_FOUND' } },
    ]);
  });

  it('reads again what a continuous scan may have changed without telling when', async () => {
    const scanned = (status: string, at: string) =>
      ({
        imageScanStatus: { status },
        imageScanFindingsSummary: { imageScanCompletedAt: new Date(at) },
      }) as Partial<ImageDetail>;
    ecr.on(DescribeImagesCommand).resolves({
      imageDetails: [
        image(1, scanned('COMPLETE', '2025-05-01')),
        image(2, scanned('COMPLETE', '2025-05-31')),
        image(3, scanned('ACTIVE', '2025-05-01')),
        image(4),
      ],
    });
    const { documents } = await visit(readEcr, new Date('2025-05-30'));
    expect(
      documents.map((each) => (each as { imageId: { imageDigest: string } }).imageId.imageDigest),
    ).toEqual([2, 3, 4].map(digest));
  });

  it('fails in its own words', async () => {
    ecr.on(DescribeImagesCommand).rejects(awsError('AccessDeniedException', 'not for you'));
    await expect(visit(readEcr)).rejects.toMatchObject({
      code: 'ROC_FORBIDDEN',
      message: 'ecr:DescribeImages: AWS refused it: not for you',
    });
  });
});
