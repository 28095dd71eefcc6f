/** Makes people with roles the way they come in: by an invitation, accepted with a password. */
import { randomUUID } from 'node:crypto';
import type { BodyOf } from '../../src/protocol/contracts.js';
import { PASSWORD, type TestServer } from './test-server.js';

/** The access token of somebody new with one role, on the tenant or where it is said. */
export async function addPerson(
  server: TestServer,
  {
    email = `p${randomUUID().slice(0, 8)}@x`,
    ...grant
  }: Omit<BodyOf<'users.create'>, 'email'> & { email?: string },
): Promise<string> {
  const token = await server.tokenOf('owner');
  const invitation = await server.ok('users.create', { token, body: { ...grant, email } });
  await server.ok('auth.accept', { body: { token: invitation.token, password: PASSWORD } });
  return (await server.ok('auth.login', { body: { email, password: PASSWORD } })).accessToken;
}
