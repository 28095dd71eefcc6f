/** Gets the run a way into the copy: a random password for the master user, or a token for a user in the data. */
import { isRocError, RocError } from '../../../kernel/errors.js';
import { MINUTE } from '../../../kernel/time.js';
import { meaningOf } from '../../decide/status.js';
import type { DatabaseFacts } from '../../facts.js';
import type { SignIn, Way } from '../../ports.js';
import { createPauses, type RunContext } from '../context.js';
import { awsName, isPassing } from '../faults.js';
import { withRequestIds } from '../request-ids.js';
import { closeSession, type Session, type SessionSlot } from '../session.js';
import { watch } from './watch.js';

/** RDS says that a password is set before every process of the server knows it. */
const SETTLING = 10 * MINUTE;

export async function signInToCopy(context: RunContext, slot: SessionSlot): Promise<void> {
  const { journal, ports, randomBytes } = context;
  const { asset } = journal.state.plan;
  await closeSession(slot);
  const signIn = asset.connect.auth === 'iam' ? tokenSignIn(context) : await newPassword(context);
  if (signIn === null) return;
  const instance = await watch(context, async (found) =>
    meaningOf(found.status) === 'ready' && !found.passwordPending ? found : null,
  );
  if (instance === null) return;
  slot.current = await connect(context, instance, signIn(instance));
  if (slot.current === null) return;
  const manifest = await ports.findManifest(journal.state.point);
  journal.append({
    type: 'signed-in',
    user: signIn(instance).user,
    seed: randomBytes(16).toString('hex'),
    manifest,
    restored: instance,
  });
}

type SignInFor = (instance: DatabaseFacts) => SignIn;

function tokenSignIn({ cloud, journal }: RunContext): SignInFor {
  const user = journal.state.plan.asset.connect.user ?? '';
  return ({ host, port }) => ({ user, auth: 'iam', password: () => cloud.iamToken(host ?? '', port, user) });
}

/** Keeps the secrets of production away from the run; null where the run was stopped. */
async function newPassword(context: RunContext): Promise<SignInFor | null> {
  const { cloud, journal, randomBytes } = context;
  const masterPassword = randomBytes(24).toString('base64url');
  const call = 'rds:ModifyDBInstance';
  const done = await watch(context, async (instance) => {
    if (meaningOf(instance.status) !== 'ready') return null;
    journal.append({ type: 'intent', call, on: instance.id, detail: { what: 'master password' } });
    try {
      await withRequestIds(context, call, instance.id, () => cloud.modify(instance.id, { masterPassword }));
      return true;
    } catch (error) {
      if (isPassing(error) || /^InvalidDBInstanceState/.test(awsName(error))) return null;
      throw error;
    }
  });
  if (done === null) return null;
  return ({ masterUser }) => ({ user: masterUser, auth: 'password', password: async () => masterPassword });
}

async function connect(
  context: RunContext,
  instance: DatabaseFacts,
  signIn: SignIn,
): Promise<Session | null> {
  const { signal, now } = context;
  const pause = createPauses(context);
  const until = now() + SETTLING;
  while (!signal.aborted) {
    context.onProgress('signing in');
    // Made once outside, so that credentials of AWS that have expired are not taken for a wrong password.
    await signIn.password();
    const way = await openWay(context, instance, until);
    const session = way === null ? null : await tryConnector(context, way, signIn, until);
    if (session !== null) return session;
    await pause(signal);
  }
  return null;
}

async function openWay(context: RunContext, instance: DatabaseFacts, until: number): Promise<Way | null> {
  const { journal, ports, signal, now } = context;
  try {
    return await ports.openWay(journal.state.plan.asset, instance.host ?? '', instance.port, signal);
  } catch (error) {
    if (isPassing(error) && now() < until) return null;
    throw error;
  }
}

async function tryConnector(
  { ports, ca, signal, now }: RunContext,
  way: Way,
  signIn: SignIn,
  until: number,
): Promise<Session | null> {
  const slot: SessionSlot = {
    current: { way, connector: ports.createConnector({ way, signIn, ca, signal }) },
  };
  try {
    await (await slot.current?.connector.connect())?.close();
    return slot.current;
  } catch (error) {
    await closeSession(slot);
    const mayPass = isPassing(error) || (isRocError(error) && error.code === 'ROC_CREDENTIALS_MISSING');
    if (mayPass && now() < until) return null;
    throw asVerdict(error);
  }
}

/** A wrong identity is a bad backup or worse; anything else says nothing of the backup. */
function asVerdict(error: unknown): unknown {
  if (!isRocError(error)) return error;
  const verdict = error.code === 'ROC_REFUSED' ? 'fail' : 'inconclusive';
  return new RocError('ROC_CHECK_FAILED', error.message, { cause: error, details: { verdict } });
}
