/** ECR: every image of every repository, with its findings or with the fact that it has none to show. */
import {
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type ImageDetail,
} from '@aws-sdk/client-ecr';
import type { ServiceListing, Visit } from './listing.js';
import { awsErrorName, call, pages } from './session.js';

const PAGE = 1000;

export async function* readEcr(visit: Visit): ServiceListing {
  const client = new ECRClient(visit.session.options);
  try {
    for await (const repositories of repositoryPages(client))
      for (const repositoryName of repositories)
        for await (const images of imagePages(client, repositoryName))
          for (const image of images)
            if (!isIndex(image) && !isUnchanged(image, visit.since))
              yield* imageFindings(client, visit.session.region, repositoryName, image);
  } finally {
    client.destroy();
  }
}

/** A list of images for several platforms is scanned by none: each image that it names is listed on its own. */
function isIndex({ imageManifestMediaType = '' }: ImageDetail): boolean {
  return /\.(?:image\.index|manifest\.list)\.v\d/.test(imageManifestMediaType);
}

// A basic scan ends and stands until the next one. A continuous one finds new problems without telling any time.
function isUnchanged(
  { imageScanStatus, imageScanFindingsSummary }: ImageDetail,
  since: Date | null,
): boolean {
  const scanned = imageScanFindingsSummary?.imageScanCompletedAt;
  return since !== null && scanned !== undefined && scanned < since && imageScanStatus?.status === 'COMPLETE';
}

function repositoryPages(client: ECRClient): AsyncGenerator<readonly string[]> {
  return pages(async (nextToken) => {
    const page = await call('ecr:DescribeRepositories', () =>
      client.send(new DescribeRepositoriesCommand({ maxResults: PAGE, nextToken })),
    );
    return {
      items: (page.repositories ?? []).flatMap((one) => one.repositoryName ?? []),
      next: page.nextToken,
    };
  });
}

function imagePages(client: ECRClient, repositoryName: string): AsyncGenerator<readonly ImageDetail[]> {
  return pages(async (nextToken) => {
    const page = await call('ecr:DescribeImages', () =>
      client.send(new DescribeImagesCommand({ repositoryName, maxResults: PAGE, nextToken })),
    );
    return { items: page.imageDetails ?? [], next: page.nextToken };
  });
}

async function* imageFindings(
  client: ECRClient,
  region: string,
  repositoryName: string,
  { imageDigest, registryId, imageTags }: ImageDetail,
): ServiceListing {
  if (imageDigest === undefined) return;
  const imageId = { imageDigest, ...(imageTags?.[0] === undefined ? {} : { imageTag: imageTags[0] }) };
  const about = { registryId, repositoryName, imageId, region };
  const asked = { registryId, repositoryName, imageId: { imageDigest }, maxResults: PAGE };
  try {
    yield* pages(async (nextToken) => {
      const page = await call('ecr:DescribeImageScanFindings', () =>
        client.send(new DescribeImageScanFindingsCommand({ ...asked, nextToken })),
      );
      const { imageScanFindings = null, imageScanStatus } = page;
      return { items: { imageScanFindings, imageScanStatus, ...about }, next: page.nextToken };
    });
  } catch (error) {
    const name = awsErrorName(error);
    if (name === 'ImageNotFoundException') return;
    if (name !== 'ScanNotFoundException') throw error;
    // Never scanned is a gap, not a clean image.
    yield {
      imageScanFindings: null,
      imageScanStatus: { status: 'SCAN_NOT_FOUND', description: 'the image has never been scanned' },
      ...about,
    };
  }
}
