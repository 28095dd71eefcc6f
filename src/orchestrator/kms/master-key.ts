/** The master key that this database belongs to: opened with its predecessors, refused where it is another one. */
import { RocError } from '../../kernel/errors.js';
import { readFact, writeFact } from '../store/installation-facts.js';
import type { Store } from '../store/store.js';
import { createKeyRing } from './key-ring.js';
import type { Kms } from './kms.js';
import { isKeyThere, type KmsPlace, openKms } from './kms-place.js';

export interface MasterKeyPlaces {
  readonly kms: KmsPlace;
  /** What wrapped data keys before; they are opened still, until `roc kms rewrap` has moved them. */
  readonly formerKms: readonly KmsPlace[];
}

const FACT = 'kms.key';

/**
 * A key that is missing is made only where the database has never had one: made anew beside data that it cannot open,
 * it would hide the loss until the day that somebody needs a robot.
 * @throws RocError ROC_PRECONDITION_FAILED where the database belongs to another key, and what openKms throws
 */
export async function openMasterKey(
  store: Store,
  { kms: place, formerKms }: MasterKeyPlaces,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Kms> {
  const recorded = await readFact(store, FACT);
  const former: Kms[] = [];
  for (const one of formerKms) {
    if (!isKeyThere(one)) throw missing(one, 'what server.formerKms names');
    former.push(await openKms(one, env));
  }
  // A new key is made where the former one is at hand: that is how data moves to it.
  const isMoving = former.some(({ keyId }) => keyId === recorded);
  if (recorded !== null && !isMoving && !isKeyThere(place)) throw missing(place, recorded);
  const present = await openKms(place, env);
  const known = [present, ...former].map(({ keyId }) => keyId);
  if (recorded !== null && !known.includes(recorded)) throw another(present.keyId, recorded);
  if (recorded === null) await rememberMasterKey(store, present);
  return createKeyRing(present, former);
}

/** From now on the database belongs to this key. */
export function rememberMasterKey(store: Store, { keyId }: Pick<Kms, 'keyId'>): Promise<void> {
  return writeFact(store, FACT, keyId);
}

function missing(place: KmsPlace, recorded: string): RocError {
  const what = place.kind === 'local' ? place.path : place.keyId;
  return new RocError(
    'ROC_PRECONDITION_FAILED',
    `the master key ${what} is missing; the data needs ${recorded}`,
    {
      hint: 'Restore the file from its backup. Without it robots, secrets and evidence cannot be read again.',
    },
  );
}

function another(keyId: string, recorded: string): RocError {
  return new RocError(
    'ROC_PRECONDITION_FAILED',
    `the data was encrypted under ${recorded}, the master key is ${keyId}`,
    {
      hint: 'Start with the former key, or name it in server.formerKms and run `roc kms rewrap`.',
    },
  );
}
