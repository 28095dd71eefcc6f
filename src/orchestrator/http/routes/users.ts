/** People of the tenant. */
import { type MadeLink, makeInvitation } from '../../identity/links.js';
import { removeMember, suspendMember } from '../../identity/members.js';
import { recoverMember } from '../../identity/recover.js';
import { linkLetter } from '../../mail/letters.js';
import { noMailServer } from '../../mail/mail.js';
import { getMember, listMembers } from '../../store/members.js';
import { emailKey } from '../../store/users.js';
import { giverOf } from '../giver.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type UserRoutes = Extract<keyof Handlers, `users.${string}`>;

export function userHandlers(parts: ServerParts): Pick<Handlers, UserRoutes> {
  const { store, auth } = parts;
  return {
    'users.list': ({ caller, query }) => listMembers(store, { ...query, tenantId: caller.tenantId }),
    'users.show': ({ caller, params }) => getMember(store, caller.tenantId, params.id),
    'users.create': ({ caller, body, transact }) =>
      transact((tx) => makeInvitation(tx, giverOf(caller), body)),
    'users.invite': (call) => inviteByMail(parts, call),
    'users.recover': ({ caller, params, body, transact }) =>
      transact((tx) => recoverMember(tx, giverOf(caller), params.id, body.what)),
    'users.set': async ({ caller, params, body, transact }) => {
      const member = await transact((tx) => suspendMember(tx, giverOf(caller), params.id, body.suspended));
      auth.authenticator.forgetAll();
      return member;
    },
    'users.revoke': async ({ caller, params, transact, tell }) => {
      await transact(async (tx) => {
        const { id, email, grants } = await removeMember(tx, giverOf(caller), params.id);
        tell({ target: { kind: 'user', id, name: email }, before: { grants } });
      });
      auth.authenticator.forgetAll();
    },
  };
}

async function inviteByMail(
  { auth, mail, publicUrl }: ServerParts,
  { caller, body, transact, address }: Call<'users.invite'>,
) {
  if (!mail.canSend) throw noMailServer();
  // Nobody's mailbox is filled from here.
  await auth.throttle.takeMail(emailKey(body.email), address);
  // Stays empty where a repeated request is answered from memory: then the letter went out the first time.
  let made: MadeLink | null = null;
  const shown = await transact(async (tx) => {
    made = await makeInvitation(tx, giverOf(caller), body);
    const { id, expiresAt } = made;
    return { id, expiresAt };
  });
  const link = made as MadeLink | null;
  if (link === null) return shown;
  const letter = { kind: 'invite', to: body.email, tenant: caller.tenant, baseUrl: publicUrl() } as const;
  await mail.send(linkLetter({ ...letter, ...link }));
  return shown;
}
