/** A template that is too large to be sent along goes through a small private bucket that roc makes and asks about once. */

import type { Caller } from './aws/caller.js';
import { ensureTemplateBucket, findTemplateBucket, putTemplate } from './aws/template-bucket.js';
import type { Engine } from './engine.js';
import { templateSha } from './template.js';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const INLINE_LIMIT = 51_200;

export interface TemplateRoom {
  /** Asked before the bucket is made; throws where the answer is no. */
  readonly allow: (bucket: string) => Promise<void>;
}

/** The template as CreateChangeSet takes it: itself, or the URL of where it was put. */
export async function placeTemplate(
  engine: Engine,
  room: TemplateRoom,
  body: string,
  caller: Caller,
): Promise<{ body: string } | { url: string }> {
  if (Buffer.byteLength(body) <= INLINE_LIMIT) return { body };
  const { region } = engine.access.target;
  const { account } = caller;
  const bucket = templateBucketName(account, region);
  if (!(await findTemplateBucket(engine.access, bucket, account))) await room.allow(bucket);
  await ensureTemplateBucket(engine.access, bucket, caller);
  return {
    url: await putTemplate(engine.access, bucket, { key: `${templateSha(body)}.json`, body, account }),
  };
}

/** One an account and region, whatever stacks there are. */
function templateBucketName(account: string, region: string): string {
  return `roc-templates-${account}-${region}`;
}
