/** Moves every data key to the present master key; what they encrypt is not touched, nor even read. */
import type { Store } from '../store/store.js';
import { readWrappedKeys, replaceWrappedKey } from '../store/wrapped-keys.js';
import type { Kms } from './kms.js';
import { rememberMasterKey } from './master-key.js';

export interface Rewrapped {
  readonly keyId: string;
  readonly moved: number;
  /** Wrapped by the present key already. */
  readonly unchanged: number;
}

/** May be broken off and run again. @throws RocError ROC_BLOB_CORRUPT for a data key that no known master key opens */
export async function rewrap(store: Store, kms: Kms): Promise<Rewrapped> {
  let [moved, unchanged] = [0, 0];
  for await (const key of readWrappedKeys(store)) {
    if (kms.isOwn(key.wrapped)) {
      unchanged++;
      continue;
    }
    const plaintext = await kms.unwrap(key.wrapped, key.context);
    try {
      if (await replaceWrappedKey(store, key, await kms.wrap(plaintext, key.context))) moved++;
    } finally {
      plaintext.fill(0);
    }
  }
  await rememberMasterKey(store, kms);
  return { keyId: kms.keyId, moved, unchanged };
}
