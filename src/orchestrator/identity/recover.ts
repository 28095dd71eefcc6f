/** Ways back into an account: a link by mail for whoever asks, a link to hand over by who may. */
import { RocError } from '../../kernel/errors.js';
import type { Auth } from '../auth/auth.js';
import { linkLetter } from '../mail/letters.js';
import { type Mail, noMailServer } from '../mail/mail.js';
import { getMember } from '../store/members.js';
import { findSecondFactor } from '../store/second-factors.js';
import type { Store, Tx } from '../store/store.js';
import { emailKey, findUserByEmail, listTenantIds } from '../store/users.js';
import type { Errands } from './errands.js';
import { type MadeLink, makeRecovery } from './links.js';
import { type Giver, requireOutranking } from './may-give.js';
import { type RequestOrigin, tellTenantsOf } from './tell-tenants.js';

export interface RecoveryParts {
  readonly store: Store;
  readonly auth: Auth;
  readonly mail: Mail;
  readonly errands: Errands;
  readonly publicUrl: () => string;
}

type What = 'password' | 'second-factor';

/**
 * Answers the same at once, whether there is such an account or not; the letter follows.
 * @throws RocError ROC_THROTTLED; ROC_PRECONDITION_FAILED where the server sends no mail
 */
export async function askForRecovery(
  { store, auth, mail, errands, publicUrl }: RecoveryParts,
  { email, what }: { readonly email: string; readonly what: What },
  from: RequestOrigin,
): Promise<void> {
  if (!mail.canSend) throw noMailServer();
  await auth.throttle.takeMail(emailKey(email), from.address);
  errands.run('recovery', async () => {
    const user = await findUserByEmail(store, email);
    if (user === null || user.isDisabled) return;
    // An account of an identity provider has no password to forget, and one without a factor none to lose.
    const hasIt = what === 'password' ? user.passwordHash : await findSecondFactor(store, user.id);
    if (hasIt === null) return;
    const link = await store.transaction(async (tx) => {
      await tellTenantsOf(tx, auth, user, { ...from, action: 'link.send', after: { what } });
      return makeRecovery(tx, { kind: what, user, createdBy: user.email });
    });
    // To the address as it was registered, not as it was asked for: a look-alike must get nothing.
    await mail.send(linkLetter({ ...link, kind: what, to: user.email, tenant: null, baseUrl: publicUrl() }));
  });
}

/**
 * A link that is shown to who may manage this person. An account is one for all tenants: where it is in others, too,
 * none of them alone may open it.
 * @throws RocError ROC_NOT_FOUND, ROC_FORBIDDEN, ROC_REFUSED
 */
export async function recoverMember(tx: Tx, giver: Giver, userId: string, what: What): Promise<MadeLink> {
  const member = await getMember(tx, giver.tenantId, userId);
  await requireOutranking(tx, giver, userId);
  if ((await listTenantIds(tx, userId)).length > 1) {
    throw new RocError('ROC_REFUSED', `${member.email} belongs to other tenants, too`, {
      hint: 'They recover it themselves by mail: `roc users recover --mail EMAIL`.',
    });
  }
  return makeRecovery(tx, { kind: what, user: { id: userId, email: member.email }, createdBy: giver.name });
}
