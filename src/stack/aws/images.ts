/** Whether an image was pushed: servers that pull what is not there only fail and are made again. */
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { isRocError } from '../../kernel/errors.js';
import type { ImagePlace } from '../first-image.js';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';

/** Null where it may not be looked at, or lies in another region. */
export async function isImageThere(
  access: AwsAccess,
  { account, region, repository, tag, digest }: ImagePlace,
): Promise<boolean | null> {
  if (region !== null && region !== access.target.region) return null;
  const command = new DescribeImagesCommand({
    repositoryName: repository,
    imageIds: [digest === null ? { imageTag: tag } : { imageDigest: digest }],
    ...(account === null ? {} : { registryId: account }),
  });
  try {
    const reply = await callAws('ecr:DescribeImages', (abortSignal) =>
      access.client(ECRClient).send(command, { abortSignal }),
    );
    return (reply.imageDetails ?? []).length > 0;
  } catch (error) {
    if (/^(ImageNotFound|RepositoryNotFound)/.test(awsErrorName(error) ?? '')) return false;
    // A look that is not allowed says nothing; the plan goes on as if it were there.
    if (isRocError(error) && error.code === 'ROC_FORBIDDEN') return null;
    throw error;
  }
}
