import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { databasePassword } from '../../../src/orchestrator/store/database-password.js';
import { type MysqlUrl, parseDatabaseUrl } from '../../../src/orchestrator/store/database-url.js';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:roc-app';
const secrets = mockClient(SecretsManagerClient);
const open = (url: string, now: () => number = () => 0) =>
  databasePassword(parseDatabaseUrl(url) as MysqlUrl, { AWS_REGION: 'eu-west-1', ...KEYS }, now);
const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const holds = (value: unknown) =>
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(value) });

beforeEach(() => secrets.reset());

describe('the password of the database', () => {
  it('is that of the URL, and there is no other', async () => {
    const password = open('mysql://roc:p@db/roc');
    expect(await password.current()).toBe('p');
    expect(await password.renew()).toBe(false);
  });

  it('is read once from its secret, and again when the database refuses it', async () => {
    const password = open(`mysql://roc@db/roc?auth=secretsmanager:${ARN}`);
    holds({ username: 'roc', password: 'one' });
    expect(await Promise.all([password.current(), password.current()])).toEqual(['one', 'one']);
    expect(await password.renew()).toBe(false);
    holds({ username: 'roc', password: 'two' });
    expect(await password.current()).toBe('one');
    expect(await password.renew()).toBe(true);
    expect(await password.current()).toBe('two');
    expect(secrets.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({ SecretId: ARN });
  });

  it.each([
    ['of another user', { username: 'admin', password: 'x' }, /another user than roc/],
    ['without a password', { username: 'roc' }, /holds no password/],
    ['that is no object', 'x', /holds no password/],
  ])('is refused from a secret %s, without telling it', async (_, value, message) => {
    holds(value);
    await expect(open(`mysql://roc@db/roc?auth=secretsmanager:${ARN}`).current()).rejects.toThrow(message);
  });

  it('is a token for IAM, made anew before it is too old', async () => {
    let now = 0;
    process.env['AWS_ACCESS_KEY_ID'] = 'a';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'b';
    const password = open('mysql://roc@db.example/roc?auth=iam', () => now);
    const first = await password.current();
    expect(first).toMatch(/^db\.example:3306\/\?.*DBUser=roc/);
    now = 6 * 60_000;
    expect(await password.current()).toBe(first);
    now = 8 * 60_000;
    const later = await password.current();
    expect(later).toContain('X-Amz-Signature');
  });
});
