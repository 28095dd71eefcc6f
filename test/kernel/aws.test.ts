import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOptions, resolveAwsTarget, translateAwsError } from '../../src/kernel/aws.js';
import { RocError } from '../../src/kernel/errors.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

let home: string;
beforeEach(() => {
  home = makeTempDir('aws');
});
afterEach(() => removeDir(home));

describe('where AWS calls go', () => {
  it.each([
    [{ region: 'eu-west-1' }, { AWS_REGION: 'us-east-1' }, 'eu-west-1'],
    [{}, { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-east-1'],
    [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-2'],
  ])('with %j and %j is region %s', (flags, env, region) => {
    expect(resolveAwsTarget(flags, { HOME: home, ...env }).region).toBe(region);
  });

  it('is never a guess', () => {
    expect(() => resolveAwsTarget({}, { HOME: home })).toThrow(
      expect.objectContaining({ code: 'ROC_REGION_MISSING', hint: expect.stringContaining('--region') }),
    );
  });

  it.each([
    [{}, {}, 'eu-north-1'],
    [{ profile: 'prod' }, {}, 'sa-east-1'],
    [{}, { AWS_PROFILE: 'prod' }, 'sa-east-1'],
    [{ profile: 'prod' }, { AWS_REGION: 'us-east-1' }, 'us-east-1'],
  ])("with %j and %j falls back to the profile's region", (flags, env, region) => {
    const AWS_CONFIG_FILE = join(home, 'config');
    writeFileSync(
      AWS_CONFIG_FILE,
      [
        '[default]',
        'output = json',
        'region = eu-north-1',
        '[profile other]',
        'region = ap-south-1',
        '[profile "prod"]',
        's3 =',
        '  region = nested',
        'region=sa-east-1 # where prod is',
      ].join('\n'),
    );
    expect(resolveAwsTarget(flags, { AWS_CONFIG_FILE, ...env }).region).toBe(region);
  });

  it('knows no region of a profile that has none', () => {
    writeFileSync(join(home, 'config'), '[profile a]\noutput=json\n[profile b]\nregion=eu-west-1');
    expect(() => resolveAwsTarget({ profile: 'a' }, { AWS_CONFIG_FILE: join(home, 'config') })).toThrow(
      RocError,
    );
  });

  it('takes endpoint and profile from flags before the environment', () => {
    const env = { AWS_REGION: 'r', AWS_ENDPOINT_URL: 'http://env', AWS_PROFILE: 'env' };
    expect(resolveAwsTarget({ 'endpoint-url': 'http://flag', profile: 'flag' }, env)).toEqual({
      region: 'r',
      profile: 'flag',
      endpointUrl: 'http://flag',
    });
    expect(resolveAwsTarget({}, env)).toEqual({ region: 'r', profile: 'env', endpointUrl: 'http://env' });
  });
});

describe('client options', () => {
  it('name only what is set', () => {
    expect(clientOptions({ region: 'r' })).toEqual({ region: 'r', maxAttempts: 8, retryMode: 'adaptive' });
    expect(clientOptions({ region: 'r', profile: 'p', endpointUrl: 'http://e' })).toMatchObject({
      profile: 'p',
      endpoint: 'http://e',
    });
  });
});

describe('what AWS throws', () => {
  it.each([
    ['CredentialsProviderError', 'ROC_CREDENTIALS_MISSING', 5],
    ['InvalidAccessKeyId', 'ROC_CREDENTIALS_MISSING', 5],
    ['ExpiredTokenException', 'ROC_CREDENTIALS_MISSING', 5],
    ['TokenProviderError', 'ROC_CREDENTIALS_MISSING', 5],
    ['AccessDenied', 'ROC_FORBIDDEN', 4],
    ['UnauthorizedOperation', 'ROC_FORBIDDEN', 4],
    ['AuthorizationErrorException', 'ROC_FORBIDDEN', 4],
    ['ThrottlingException', 'ROC_THROTTLED', 5],
    ['RequestLimitExceeded', 'ROC_THROTTLED', 5],
    ['InternalFailure', 'ROC_UNAVAILABLE', 5],
    ['TimeoutError', 'ROC_UNREACHABLE', 5],
    ['RequestTimeout', 'ROC_UNREACHABLE', 5],
    ['RequestTimeTooSkewed', 'ROC_CREDENTIALS_MISSING', 5],
  ])('%s becomes %s', (name, code, exitCode) => {
    const translated = translateAwsError(
      Object.assign(new Error('because'), { name }),
      'ec2:DescribeInstances',
    );
    expect(translated).toMatchObject({
      code,
      exitCode,
      message: expect.stringMatching(/^ec2:DescribeInstances: /),
    });
  });

  it.each([
    ['ECONNREFUSED', 'ROC_UNREACHABLE'],
    ['ENOTFOUND', 'ROC_UNREACHABLE'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ROC_UNREACHABLE'],
    ['CERT_HAS_EXPIRED', 'ROC_UNREACHABLE'],
  ])('the network error %s becomes %s', (code, expected) => {
    expect(translateAwsError(Object.assign(new Error('x'), { code }), 's3:GetObject')).toMatchObject({
      code: expected,
    });
  });

  it.each([
    ['RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
    ['InvalidSignatureException', 'Signature expired: 20261122T000000Z is now earlier than 20261122T010000Z'],
    ['SignatureDoesNotMatch', 'Signature not yet current: 20261122T020000Z is still later than …'],
  ])('a clock that is wrong is not taken for wrong credentials: %s', (name, message) => {
    expect(translateAwsError(Object.assign(new Error(message), { name }), 's3:GetObject')).toMatchObject({
      code: 'ROC_CREDENTIALS_MISSING',
      hint: expect.stringContaining('Set the clock'),
    });
  });

  it.each([
    ['UnknownError', 503, 'ROC_UNAVAILABLE', 'c: AWS, or something before it, answered 503'],
    ['SyntaxError', 502, 'ROC_UNAVAILABLE', 'c: AWS, or something before it, answered 502'],
    ['500', 500, 'ROC_UNAVAILABLE', 'c: AWS, or something before it, answered 500'],
    ['UnknownError', 429, 'ROC_THROTTLED', 'c: AWS throttled it after all retries'],
  ])('an answer without a name counts by its status: %s %s', (name, httpStatusCode, code, message) => {
    const error = Object.assign(new Error('<html>'), { name, $metadata: { httpStatusCode } });
    expect(translateAwsError(error, 'c')).toMatchObject({ code, message });
  });

  it.each([
    ['InsufficientInstanceCapacity', 500],
    ['UnknownError', 400],
  ])('what has a name of its own, or blames the caller, stays what it is: %s %s', (name, httpStatusCode) => {
    const error = Object.assign(new Error('x'), { name, $metadata: { httpStatusCode } });
    expect(translateAwsError(error, 'c')).toBe(error);
  });

  it('tells why of an error without a message, as a refused connection to a name with two addresses is', () => {
    const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(translateAwsError(refused, 's3:GetObject')).toMatchObject({
      message: 's3:GetObject: the endpoint did not answer (ECONNREFUSED)',
    });
  });

  it('keeps the error beneath for the log', () => {
    const cause = Object.assign(new Error('x'), { name: 'AccessDenied' });
    expect((translateAwsError(cause, 'c') as Error).cause).toBe(cause);
  });

  it.each([
    [new Error('other')],
    [Object.assign(new Error('x'), { name: 'ValidationException' })],
    ['text'],
    [null],
  ])('that no rule knows comes back as it was: %s', (thrown) => {
    expect(translateAwsError(thrown, 'c')).toBe(thrown);
  });
});
