/** A tenant as its commands show it. */
import type { ReplyOf } from '../protocol/contracts.js';
import type { Field } from './fields.js';

export function tenantFields(tenant: ReplyOf<'tenants.show'>): Field[] {
  const { id, name, state, createdAt, purgeAt, needsSecondFactor } = tenant;
  return [
    ['tenant', name],
    ['id', id],
    ['state', state],
    ['created', createdAt],
    ['second factor', needsSecondFactor ? 'demanded' : 'as people like'],
    ...(purgeAt === null ? [] : ([['emptied at', purgeAt]] satisfies Field[])),
  ];
}
