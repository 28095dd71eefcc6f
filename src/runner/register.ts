/** `roc runner register`: trades a one-time token for an identity whose keys never leave this host. */
import { RocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { createClient } from '../protocol/client.js';
import { runnerContracts } from '../protocol/contracts/runner.js';
import { lockAgent } from './agent-lock.js';
import { withDeadline } from './deadline.js';
import { type HostFacts, hostFacts } from './host-facts.js';
import {
  type Identity,
  loadIdentity,
  makeMarkPrefix,
  makeRunnerKeys,
  publicKeyText,
  saveIdentity,
} from './identity.js';
import { openStateDir, type StateDir } from './state-dir.js';

export interface Registration {
  /** Origin of the server. */
  readonly url: string;
  readonly token: string;
  readonly name: string;
  /** The pool that the token is expected to be for; the token alone decides. */
  readonly pool?: string | undefined;
  readonly facts: HostFacts;
}

/** Not broken off by an interrupt either: the token would be spent and nothing be had for it. */
const ANSWER_TIMEOUT = 10 * SECOND;

/**
 * Registers this state folder.
 * @throws RocError ROC_CONFLICT where it is registered already or the pool is another one, or what the server answered
 */
export async function registerRunner(state: StateDir, registration: Registration): Promise<Identity> {
  const known = loadIdentity(state.identityFile);
  if (known !== null) throw alreadyRegistered(known, state);
  const { url, token, name, facts } = registration;
  const keys = makeRunnerKeys();
  const client = createClient({ url, token: async () => null, userAgent: `roc-runner/${facts.version}` });
  const body = { token, name, signKey: publicKeyText(keys.sign), boxKey: publicKeyText(keys.box), ...facts };
  const answer = await withDeadline(ANSWER_TIMEOUT, undefined, ({ signal }) =>
    client.call('runner.register', { body, signal }),
  );
  const reply = runnerContracts['runner.register'].reply.parse(answer);
  if (registration.pool !== undefined && registration.pool !== reply.pool)
    throw wrongPool(registration.pool, reply.pool, name);
  const identity = { ...reply, name, url, markPrefix: makeMarkPrefix(), keys };
  saveIdentity(state.identityFile, identity);
  return identity;
}

export interface RegisterHostOptions {
  readonly stateDir: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly name: string | undefined;
  readonly pool: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  /** Of roc. */
  readonly version: string;
}

/** The verb: no agent may be at work in the folder meanwhile. @throws RocError ROC_USAGE where something is missing */
export async function registerHost(options: RegisterHostOptions) {
  const { url, token, name, pool } = options;
  const facts = hostFacts(options);
  const state = openStateDir(options.stateDir);
  const unlock = lockAgent(state.lockFile);
  try {
    const identity = await registerRunner(state, { ...requireAll({ url, token, name }), pool, facts });
    const { runnerId, tenant } = identity;
    return {
      runnerId,
      name: identity.name,
      pool: identity.pool,
      tenant,
      url: identity.url,
      stateDir: state.root,
    };
  } finally {
    unlock();
  }
}

/** @throws RocError ROC_USAGE that names the flags which are missing */
export function requireAll(given: {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly name: string | undefined;
}): { url: string; token: string; name: string } {
  const { url, token, name } = given;
  if (url !== undefined && token !== undefined && name !== undefined) return { url, token, name };
  const missing = Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [`--${flag}`] : [],
  );
  const are = missing.length === 1 ? 'is' : 'are';
  throw new RocError('ROC_USAGE', `this host is not registered, and ${missing.join(', ')} ${are} missing`, {
    hint: 'Get a token with roc runners token, and pass --url, --name and --token, --token-file or ROC_RUNNER_TOKEN.',
  });
}

function alreadyRegistered(known: Identity, state: StateDir): RocError {
  return new RocError('ROC_CONFLICT', `this host is registered already, as ${known.name} at ${known.url}`, {
    hint: `Start it with roc runner start, give another --state-dir, or remove ${state.identityFile} first.`,
  });
}

function wrongPool(wanted: string, pool: string, name: string): RocError {
  return new RocError('ROC_CONFLICT', `the token is for pool ${pool}, not for ${wanted}`, {
    hint: `Remove the runner ${name} from the list, and get a token with roc runners token --pool ${wanted}.`,
  });
}
