/** A tenant as its commands show it. */
import type { ReplyOf } from '../protocol/contracts.js';
import type { Field } from './fields.js';

export function tenantFields({ id, name, state, createdAt, purgeAt }: ReplyOf<'tenants.show'>): Field[] {
  return [
    ['tenant', name],
    ['id', id],
    ['state', state],
    ['created', createdAt],
    ...(purgeAt === null ? [] : ([['emptied at', purgeAt]] satisfies Field[])),
  ];
}
