import { expect, it } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { parseDatabaseUrl } from '../../../src/orchestrator/store/database-url.js';

const MYSQL = {
  kind: 'mysql',
  host: 'db.example',
  port: 3306,
  user: 'roc',
  password: undefined,
  database: 'roc',
  tls: 'verify',
  caFile: undefined,
  connections: 10,
  statementMs: 30_000,
  auth: 'password',
};

it.each([
  ['sqlite:.roc/roc.db', { kind: 'sqlite', path: '.roc/roc.db', synchronous: 'full' }],
  ['sqlite:/a b/c.db?synchronous=normal', { kind: 'sqlite', path: '/a b/c.db', synchronous: 'normal' }],
  ['mysql://roc@db.example/roc', MYSQL],
  ['mysql://roc:p%40%2Fss@db.example:3307/roc', { ...MYSQL, port: 3307, password: 'p@/ss' }],
  ['mysql://roc@127.0.0.1/roc', { ...MYSQL, host: '127.0.0.1', tls: 'off' }],
  ['mysql://roc@localhost/roc?tls=verify', { ...MYSQL, host: 'localhost' }],
  ['mysql://roc@[::1]/roc', { ...MYSQL, host: '::1', tls: 'off' }],
  ['mysql://roc@127.0.0.1/roc?ca=/ca.pem', { ...MYSQL, host: '127.0.0.1', caFile: '/ca.pem' }],
  ['mysql://roc@db.example/roc?tls=off&connections=25', { ...MYSQL, tls: 'off', connections: 25 }],
  ['mysql://roc@db.example/roc?statement-seconds=5', { ...MYSQL, statementMs: 5000 }],
  ['mysql://roc@db.example/roc?auth=iam', { ...MYSQL, auth: 'iam' }],
  ['mysql://roc@db.example/roc?auth=secretsmanager:arn:aws:x', { ...MYSQL, auth: { secret: 'arn:aws:x' } }],
])('reads %s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toEqual(expected);
});

it.each([
  ['', /starts with/],
  ['postgres://roc:hushhush@host/roc', /starts with "postgres:"/],
  ['sqlite:', /names no file/],
  ['sqlite:x?journal=off', /unknown option "journal"/],
  ['sqlite:x?synchronous=off', /option "synchronous"/],
  ['mysql://host/roc', /lacks/],
  ['mysql://roc:hushhush@host', /lacks/],
  ['mysql://roc:hushhush@host/a/b', /lacks/],
  ['mysql://roc:hushhush@host/x;drop', /lacks/],
  ['mysql:nonsense', /lacks/],
  ['mysql://roc:hushhush@host/roc?auth=iam', /holds a password/],
  ['mysql://roc@host/roc?auth=iam&tls=off', /only made over TLS/],
  ['mysql://roc@host/roc?auth=kerberos', /option "auth"/],
  ['mysql://roc:hushhush@host/roc?tls=maybe', /option "tls"/],
  ['mysql://roc:hushhush@host/roc?connections=0', /option "connections"/],
])('refuses %s', (url, message) => {
  const error = (() => {
    try {
      return parseDatabaseUrl(url);
    } catch (reason) {
      return reason;
    }
  })();
  if (!isRocError(error)) throw new TypeError('it was not refused');
  expect(error.code).toBe('ROC_CONFIG_INVALID');
  expect(error.message).toMatch(message);
  expect(`${error.message} ${error.hint}`).not.toContain('hushhush');
});
