import { describe, expect, it } from 'vitest';
import { blobsPlace } from '../../../src/orchestrator/blobs/blobs-place.js';

describe('blobsPlace', () => {
  it.each([
    [undefined, { kind: 'disk', root: '.roc' }],
    ['file:/srv/roc', { kind: 'disk', root: '/srv/roc' }],
    ['s3://roc-robots', { bucket: 'roc-robots', prefix: '', kmsKey: null, region: undefined }],
    ['s3://roc-robots/', { prefix: '' }],
    ['s3://roc-robots/prod', { prefix: 'prod/' }],
    ['s3://roc-robots/prod/eu/', { prefix: 'prod/eu/' }],
    [
      's3://b.c/p?region=eu-west-1&kms-key=arn:aws:kms:x:1:key/2',
      { region: 'eu-west-1', kmsKey: 'arn:aws:kms:x:1:key/2' },
    ],
  ])('reads %j', (url, place) => {
    expect(blobsPlace(url, '.roc')).toMatchObject(place);
  });

  it.each([
    '',
    'file:',
    's3:',
    's3://',
    's3://B',
    's3://a',
    's3://bucket/../x',
    's3://bucket//x',
    's3://bucket?acl=public',
    'https://bucket',
    '/srv',
  ])('refuses %j', (url) => {
    expect(() => blobsPlace(url, '.roc')).toThrow(/server\.blobs/);
  });
});
