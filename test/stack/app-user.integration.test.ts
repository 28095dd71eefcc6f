import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAppUser } from '../../src/stack/app-user.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { describeWith } from '../helpers/parts.js';

describeWith('mariadbd', "the application's user, on a server that demands TLS", () => {
  let server: Mariadb;
  let request: Parameters<typeof makeAppUser>[0];

  beforeAll(async () => {
    server = await startMariadb({ tls: true, own: true });
    const { username, password, hostname, port } = new URL(server.url('mysql'));
    request = {
      host: 'localhost',
      stream: () => connect({ host: hostname, port: Number(port) }),
      port: Number(port),
      database: 'roc',
      ca: server.caFile ?? '',
      master: { user: username, password },
      app: { user: 'roc_app', password: 'first\'"\\ password' },
    };
  }, 60_000);

  afterAll(() => server?.stop());

  const signIn = (password: string, tls = true) =>
    createConnection({
      host: '127.0.0.1',
      port: request.port,
      user: 'roc_app',
      password,
      database: 'roc',
      ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
    });

  const asMaster = () =>
    createConnection({
      host: '127.0.0.1',
      port: request.port,
      ...request.master,
      ssl: { rejectUnauthorized: false },
    });

  test('is made, may use its schema and nothing else', async () => {
    expect(await makeAppUser(request)).toMatchObject({ user: 'roc_app', action: 'created' });
    const connection = await signIn(request.app.password);
    await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await connection.query('INSERT INTO t VALUES (1)');
    for (const forbidden of ['SELECT * FROM mysql.user', 'CREATE DATABASE other', "CREATE USER x@'%'"])
      await expect(connection.query(forbidden)).rejects.toThrow(/denied/);
    await connection.end();
  });

  test('takes the password that the secret has now, and keeps its data', async () => {
    const app = { user: 'roc_app', password: 'second-password' };
    expect(await makeAppUser({ ...request, app })).toMatchObject({ action: 'updated' });
    await expect(signIn(request.app.password)).rejects.toThrow(/denied/);
    const connection = await signIn('second-password');
    const [rows] = await connection.query('SELECT id FROM t');
    expect(rows).toEqual([{ id: 1 }]);
    await connection.end();
  });

  test('keeps each right at every moment where it is as it should be', async () => {
    const app = { user: 'roc_app', password: 'second-password' };
    const root = await asMaster();
    try {
      await root.query("SET GLOBAL log_output = 'TABLE'");
      await root.query('SET GLOBAL general_log = ON');
      await makeAppUser({ ...request, app });
      await root.query('SET GLOBAL general_log = OFF');
      const [told] = await root.query(
        "SELECT CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log WHERE command_type = 'Query'",
      );
      const statements = (told as { statement: string }[]).map(({ statement }) => statement);
      expect(statements.some((statement) => statement.startsWith('SHOW GRANTS'))).toBe(true);
      expect(statements.filter((statement) => /^(REVOKE|GRANT)/.test(statement))).toEqual([]);
    } finally {
      await root.end();
    }
  });

  test.each([
    "GRANT ALL ON *.* TO 'roc_app'@'%' WITH GRANT OPTION",
    "GRANT GRANT OPTION ON *.* TO 'roc_app'@'%'",
    "GRANT SELECT ON mysql.user TO 'roc_app'@'%'",
    "GRANT EVENT ON roc.* TO 'roc_app'@'%'",
    "REVOKE INDEX ON roc.* FROM 'roc_app'@'%'",
    "GRANT SELECT ON roc.* TO 'roc_app'@'%' WITH GRANT OPTION",
  ])('comes back to its rights after %s', async (statement) => {
    const show = async () => {
      const root = await asMaster();
      const [rows] = await root.query({ sql: "SHOW GRANTS FOR 'roc_app'@'%'", rowsAsArray: true });
      await root.end();
      return rows;
    };
    const before = await show();
    await server.execute(statement);
    expect(await show()).not.toEqual(before);
    await makeAppUser({ ...request, app: { user: 'roc_app', password: 'second-password' } });
    expect(await show()).toEqual(before);
  });

  test('loses a right that was given besides', async () => {
    await server.execute("GRANT ALL ON *.* TO 'roc_app'@'%' WITH GRANT OPTION");
    await makeAppUser({ ...request, app: { user: 'roc_app', password: 'second-password' } });
    const connection = await signIn('second-password');
    await expect(connection.query('SELECT * FROM mysql.user')).rejects.toThrow(/denied/);
    await connection.end();
  });

  test.each([
    ['a server whose certificate is not trusted', { ca: undefined }, 'ROC_UNREACHABLE'],
    ['a server of another name', { host: 'db.example.com' }, 'ROC_UNREACHABLE'],
    ['an address, for which no certificate can be checked', { host: '127.0.0.1' }, 'ROC_INVALID_INPUT'],
    ['a wrong password', { master: { user: 'roc', password: 'wrong' } }, 'ROC_FORBIDDEN'],
    ['a name that is none', { database: 'roc`; DROP DATABASE mysql' }, 'ROC_INVALID_INPUT'],
    ['the master as application', { app: { user: 'roc', password: 'x' } }, 'ROC_INVALID_INPUT'],
  ])('refuses %s', async (_what, change, code) => {
    await expect(makeAppUser({ ...request, ...change })).rejects.toMatchObject({ code });
  });

  test('never puts a password into an error', async () => {
    const master = { user: 'roc_app', password: 'second-password' };
    const app = { user: 'someone', password: 'hunter2-hunter2' };
    const error = await makeAppUser({ ...request, master, app }).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error, (error as Error).cause])).not.toContain('hunter2');
    expect(error).toMatchObject({ code: 'ROC_FORBIDDEN' });
  });
});
