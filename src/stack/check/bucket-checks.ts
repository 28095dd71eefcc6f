/** Buckets: nobody from outside, and nothing in the clear. */
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, refersTo, statementsOf } from './read.js';

const BUCKET = 'AWS::S3::Bucket';

const FLAGS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

/** A bucket that could be public: an open flag, an ACL, or a policy that allows everybody. */
export function publicBuckets({ template }: CheckInput): string[] {
  const open = breaking(ofType(template, BUCKET), (bucket) => {
    const block = asRecord(bucket['PublicAccessBlockConfiguration']);
    return FLAGS.some((flag) => block[flag] !== true) || 'AccessControl' in bucket;
  });
  const allowing = breaking(ofType(template, 'AWS::S3::BucketPolicy'), (policy) =>
    statementsOf(policy['PolicyDocument']).some(
      (statement) => statement.Effect !== 'Deny' && isEverybody(statement.Principal),
    ),
  );
  return [...open, ...allowing];
}

/** Each bucket has a policy that denies every request without TLS. */
export function tlsOnlyBuckets({ template }: CheckInput): string[] {
  const guarded = new Set(
    ofType(template, 'AWS::S3::BucketPolicy')
      .filter(([, policy]) =>
        statementsOf(policy['PolicyDocument']).some((statement) => {
          const secure = asRecord(asRecord(statement.Condition)['Bool'])['aws:SecureTransport'];
          const isAll = listOf(statement.Action).includes('s3:*') && listOf(statement.Resource).length >= 2;
          return (
            statement.Effect === 'Deny' &&
            isEverybody(statement.Principal) &&
            String(secure) === 'false' &&
            isAll
          );
        }),
      )
      .flatMap(([, policy]) => [...refersTo(policy['Bucket'])]),
  );
  return breaking(ofType(template, BUCKET), (_bucket, id) => !guarded.has(id));
}

function isEverybody(principal: unknown): boolean {
  return principal === '*' || listOf(asRecord(principal)['AWS']).includes('*');
}
