/** A fact that was read, or why it could not be: what reading in part is made of. */
import { type ErrorCode, isRocError } from './errors.js';

export type Known<T> = { readonly value: T } | { readonly unknown: string };

// Without credentials nothing can be told of anything, and an interrupt is no answer.
const STOP: readonly ErrorCode[] = ['ROC_CREDENTIALS_MISSING', 'ROC_INTERRUPTED', 'ROC_REGION_MISSING'];

/** @throws what `read` throws where it is a fault of roc's own, missing credentials, or an interrupt */
export async function attempt<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!isRocError(error) || STOP.includes(error.code)) throw error;
    return { unknown: error.message };
  }
}
