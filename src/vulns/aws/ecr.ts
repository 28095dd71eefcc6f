/** ECR: every image of every repository, with its findings or with the fact that it has none to show. */
import {
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  type ImageDetail,
} from '@aws-sdk/client-ecr';
import { RocError } from '../../kernel/errors.js';
import { call, type LiveTarget, liveClientOptions } from './clients.js';
import type { ServiceListing } from './listing.js';

/** @param since images whose scan ended earlier are passed over */
export async function* listEcr(target: LiveTarget, since: Date | null): ServiceListing {
  const client = new ECRClient(await liveClientOptions(target));
  try {
    for await (const repositoryName of repositories(client))
      for await (const image of images(client, repositoryName)) {
        const scanned = image.imageScanFindingsSummary?.imageScanCompletedAt;
        if (since !== null && scanned !== undefined && scanned < since) continue;
        yield* imageFindings(client, target.region, repositoryName, image);
      }
  } finally {
    client.destroy();
  }
}

async function* repositories(client: ECRClient): AsyncGenerator<string> {
  let nextToken: string | undefined;
  do {
    const page = await call('ecr:DescribeRepositories', () =>
      client.send(new DescribeRepositoriesCommand({ maxResults: 1000, nextToken })),
    );
    for (const { repositoryName } of page.repositories ?? [])
      if (repositoryName !== undefined) yield repositoryName;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

async function* images(client: ECRClient, repositoryName: string): AsyncGenerator<ImageDetail> {
  let nextToken: string | undefined;
  do {
    const page = await call('ecr:DescribeImages', () =>
      client.send(new DescribeImagesCommand({ repositoryName, maxResults: 1000, nextToken })),
    );
    yield* page.imageDetails ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

async function* imageFindings(
  client: ECRClient,
  region: string,
  repositoryName: string,
  image: ImageDetail,
): ServiceListing {
  const { imageDigest, registryId, imageTags } = image;
  if (imageDigest === undefined) return;
  const imageId = { imageDigest, ...(imageTags?.[0] === undefined ? {} : { imageTag: imageTags[0] }) };
  const about = { registryId, repositoryName, imageId, region };
  try {
    let nextToken: string | undefined;
    do {
      const page = await call('ecr:DescribeImageScanFindings', () =>
        client.send(
          new DescribeImageScanFindingsCommand({
            registryId,
            repositoryName,
            imageId: { imageDigest },
            maxResults: 1000,
            nextToken,
          }),
        ),
      );
      yield {
        imageScanFindings: page.imageScanFindings ?? null,
        imageScanStatus: page.imageScanStatus,
        ...about,
      };
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    const name = error instanceof RocError && error.cause instanceof Error ? error.cause.name : '';
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
