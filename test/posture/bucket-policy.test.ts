/** What a bucket policy refuses, and what only looks like it. */
import { describe, expect, it } from 'vitest';
import { deniesPlainHttp } from '../../src/posture/bucket-policy.js';

const WHOLE = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: ['arn:aws:s3:::robots', 'arn:aws:s3:::robots/*'],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

describe('plain HTTP', () => {
  it.each<[string, object]>([
    ['the usual statement', {}],
    ['of everything', { Resource: '*', Action: ['*'] }],
    ['of every principal by a list', { Principal: { AWS: ['*'] } }],
    ['of another partition', { Resource: 'arn:aws-us-gov:s3:::robots/*' }],
    ['with a list of values', { Condition: { Bool: { 'aws:SecureTransport': ['false'] } } }],
  ])('is refused by %s', (_name, change) => {
    expect(
      deniesPlainHttp(policy({ Sid: 'other', Effect: 'Allow' }, { ...WHOLE, ...change }), 'robots'),
    ).toBe(true);
  });

  it.each<[string, object]>([
    ['an allowance', { Effect: 'Allow' }],
    ['one principal', { Principal: { AWS: 'arn:aws:iam::1:root' } }],
    ['deletes alone', { Action: ['s3:DeleteObject'] }],
    ['a folder of it', { Resource: 'arn:aws:s3:::robots/public/*' }],
    ['the bucket without its objects', { Resource: 'arn:aws:s3:::robots' }],
    ['another bucket', { Resource: 'arn:aws:s3:::robotsX/*' }],
    ['what does not name a resource', { Resource: undefined }],
    [
      'a further condition',
      {
        Condition: {
          Bool: { 'aws:SecureTransport': 'false' },
          StringEquals: { 'aws:SourceVpc': 'vpc-1' },
        },
      },
    ],
    [
      'a second key',
      { Condition: { Bool: { 'aws:SecureTransport': 'false', 'aws:ViaAWSService': 'true' } } },
    ],
    ['the other way round', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ['no condition', { Condition: undefined }],
  ])('is not refused by a statement of %s', (_name, change) => {
    expect(deniesPlainHttp(policy({ ...WHOLE, ...change }), 'robots')).toBe(false);
  });

  it('is not refused by what cannot be read', () => {
    for (const text of ['', '{', '{}', '{"Statement":{}}'])
      expect(deniesPlainHttp(text, 'robots')).toBe(false);
  });
});
