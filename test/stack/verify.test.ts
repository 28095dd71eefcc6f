import { expect, it } from 'vitest';
import type { AwsAccess } from '../../src/stack/aws/access.js';
import { READERS } from '../../src/stack/aws/live/readers.js';
import { isUnread, NO_LIVE_CHECK } from '../../src/stack/verify.js';

it.each([
  ['pass', null, false],
  ['fail', null, false],
  ['unknown', NO_LIVE_CHECK, false],
  ['unknown', 'rds:DescribeDBInstances: AWS refused it', true],
] as const)('%s with the note %j was not read: %s', (verdict, note, unread) => {
  expect(isUnread({ verdict, note })).toBe(unread);
});

it.each(['AWS::S3::BucketPolicy', 'AWS::Backup::BackupSelection'])(
  '%s of something that is not known holds no claim: it could not be read',
  async (type) => {
    const nobody = {} as AwsAccess;
    await expect(READERS[type]?.(nobody, { physicalId: 'x', properties: {} })).rejects.toMatchObject({
      code: 'ROC_NOT_FOUND',
    });
  },
);
