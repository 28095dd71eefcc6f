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
])('reads %s', (url, expected) => {
  expect(parseDatabaseUrl(url)).toEqual(expected);
});

it.each([
  ['', /starts with/],
  ['postgres://roc:secret@host/roc', /starts with "postgres:"/],
  ['sqlite:', /names no file/],
  ['sqlite:x?journal=off', /unknown option "journal"/],
  ['sqlite:x?synchronous=off', /option "synchronous"/],
  ['mysql://host/roc', /lacks/],
  ['mysql://roc:secret@host', /lacks/],
  ['mysql://roc:secret@host/a/b', /lacks/],
  ['mysql://roc:secret@host/x;drop', /lacks/],
  ['mysql:nonsense', /lacks/],
  ['mysql://roc:secret@host/roc?tls=maybe', /option "tls"/],
  ['mysql://roc:secret@host/roc?connections=0', /option "connections"/],
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
  expect(`${error.message} ${error.hint}`).not.toContain('secret');
});
