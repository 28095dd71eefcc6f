/** Every format that roc reads; whole reports first, single records after them. */
import type { Adapter } from './adapter.js';
import { asffAdapter } from './asff.js';

export const ADAPTERS: readonly Adapter[] = [asffAdapter];
