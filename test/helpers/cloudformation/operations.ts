/** How the fake carries out an operation: one generator for each kind, one event or state a step, with AWS's rules. */
import type { FakeChange } from './change-set.js';
import { type FakeChangeSet, type FakeStack, type FakeStackResource, isDenied } from './stack.js';
import { type FakeTemplate, makingOrder } from './template.js';

export interface World {
  now(): Date;
  /** Reason with which the making or changing of a resource fails; consumed by the test, not here. */
  failures: Map<string, string>;
  /** Resources that cannot be brought back in a rollback. */
  rollbackFailures: Map<string, string>;
  /** Resources whose deletion fails. */
  deleteFailures: Map<string, string>;
  /** Snapshots that deletions made, by logical id. */
  snapshots: string[];
  /** Physical ids that outlived their stack. */
  retained: string[];
  nextId(): string;
}

function note(
  world: World,
  stack: FakeStack,
  resource: { logicalId: string; physicalId: string; type: string },
  status: string,
  token: string | undefined,
  reason?: string,
): void {
  stack.events.push({ id: world.nextId(), at: world.now(), ...pick(resource), status, reason, token });
}

const pick = ({ logicalId, physicalId, type }: { logicalId: string; physicalId: string; type: string }) => ({
  logicalId,
  physicalId,
  type,
});

export function noteStack(
  world: World,
  stack: FakeStack,
  status: string,
  token: string | undefined,
  reason?: string,
): void {
  stack.status = status;
  stack.reason = reason;
  // The model knows the clean-up as a state of the stack, not of an event.
  if (status.endsWith('_CLEANUP_IN_PROGRESS')) return;
  const self = { logicalId: stack.name, physicalId: stack.id, type: 'AWS::CloudFormation::Stack' };
  note(world, stack, self, status, token, reason);
}

export function* deploy(
  world: World,
  stack: FakeStack,
  changeSet: FakeChangeSet,
  token: string | undefined,
): Generator<void> {
  const verb = { CREATE: 'CREATE', UPDATE: 'UPDATE', IMPORT: 'IMPORT' }[changeSet.type];
  const before = {
    template: stack.template,
    body: stack.body,
    parameters: stack.parameters,
    tags: stack.tags,
  };
  const snapshot = new Map([...stack.resources].map(([id, resource]) => [id, { ...resource }]));
  noteStack(world, stack, `${verb}_IN_PROGRESS`, token, 'User Initiated');
  yield;
  const failed = yield* applyChanges(world, stack, changeSet, token);
  if (failed !== null) {
    changeSet.executionStatus = 'EXECUTE_FAILED';
    if (changeSet.onFailure === 'DO_NOTHING') {
      noteStack(world, stack, `${verb}_FAILED`, token, `The following resource(s) failed: [${failed}].`);
      return;
    }
    if (changeSet.type === 'CREATE') yield* rollBackCreation(world, stack, failed, token);
    else yield* rollBackUpdate(world, stack, { ...before, resources: snapshot }, failed, token);
    return;
  }
  Object.assign(stack, {
    template: changeSet.template,
    body: changeSet.body,
    parameters: changeSet.parameters,
    tags: changeSet.tags,
  });
  changeSet.executionStatus = 'EXECUTE_COMPLETE';
  if (changeSet.type === 'UPDATE') {
    noteStack(world, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', token);
    yield;
    for (const change of changeSet.changes.filter(({ action }) => action === 'Remove')) {
      const resource = stack.resources.get(change.logicalId);
      if (resource) yield* remove(world, stack, resource, before.template, token);
    }
  }
  noteStack(world, stack, `${verb}_COMPLETE`, token);
}

function* applyChanges(
  world: World,
  stack: FakeStack,
  { template, changes, type }: FakeChangeSet,
  token: string | undefined,
): Generator<void, string | null> {
  for (const change of changes) {
    if (change.action === 'Remove') {
      if (!isDenied(stack.policy, 'Update:Delete', change.logicalId)) continue;
      const denied = stack.resources.get(change.logicalId)!;
      note(world, stack, denied, 'UPDATE_FAILED', token, 'Action denied by stack policy: Statement [#1]');
      return change.logicalId;
    }
    const verb = change.action === 'Add' ? 'CREATE' : change.action === 'Import' ? 'IMPORT' : 'UPDATE';
    const resource = yield* change1(world, stack, change, template, verb, token);
    if (resource.status.endsWith('_FAILED')) {
      cancelNext(world, stack, changes, change, type, token);
      return change.logicalId;
    }
  }
  return null;
}

function* change1(
  world: World,
  stack: FakeStack,
  change: FakeChange,
  template: FakeTemplate,
  verb: string,
  token: string | undefined,
): Generator<void, FakeStackResource> {
  const isReplaced = change.action === 'Modify' && change.replacement === 'True';
  const resource: FakeStackResource = stack.resources.get(change.logicalId) ?? {
    logicalId: change.logicalId,
    physicalId: change.physicalId ?? '',
    type: change.type,
    status: '',
    reason: undefined,
    properties: {},
  };
  stack.resources.set(change.logicalId, resource);
  const set = (status: string, reason?: string) => {
    resource.status = status;
    resource.reason = reason;
    note(world, stack, resource, status, token, reason);
  };
  if (isReplaced && isDenied(stack.policy, 'Update:Replace', change.logicalId)) {
    set('UPDATE_FAILED', 'Action denied by stack policy: Statement [#1] does not allow [Update:Replace]');
    return resource;
  }
  set(
    `${verb}_IN_PROGRESS`,
    isReplaced
      ? 'Requested update requires the creation of a new physical resource; hence creating one.'
      : undefined,
  );
  yield;
  const failure = world.failures.get(change.logicalId);
  if (failure !== undefined) {
    set(`${verb}_FAILED`, failure);
    return resource;
  }
  if (isReplaced || resource.physicalId === '') {
    resource.physicalId = `${stack.name}-${change.logicalId}-${world.nextId().slice(-8)}`;
    if (!isReplaced && verb === 'CREATE') set('CREATE_IN_PROGRESS', 'Resource creation Initiated');
  }
  resource.properties = { ...template.Resources[change.logicalId]?.Properties };
  set(`${verb}_COMPLETE`);
  yield;
  return resource;
}

// What was on its way beside the one that failed.
function cancelNext(
  world: World,
  stack: FakeStack,
  changes: readonly FakeChange[],
  failed: FakeChange,
  type: string,
  token: string | undefined,
): void {
  const next = changes[changes.indexOf(failed) + 1];
  if (next === undefined || next.action !== 'Add') return;
  const resource = { logicalId: next.logicalId, physicalId: '', type: next.type };
  const word = type === 'CREATE' ? 'creation' : 'update';
  stack.resources.set(next.logicalId, {
    ...resource,
    status: 'CREATE_FAILED',
    reason: `Resource ${word} cancelled`,
    properties: {},
  });
  note(world, stack, resource, 'CREATE_FAILED', token, `Resource ${word} cancelled`);
}

function* rollBackCreation(
  world: World,
  stack: FakeStack,
  failed: string,
  token: string | undefined,
): Generator<void> {
  const reason = `The following resource(s) failed to create: [${failed}]. Rollback requested by user.`;
  noteStack(world, stack, 'ROLLBACK_IN_PROGRESS', token, reason);
  yield;
  const left = yield* removeAll(world, stack, token, new Set());
  noteStack(
    world,
    stack,
    left.length === 0 ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED',
    token,
    left.length === 0 ? undefined : `The following resource(s) failed to delete: [${left.join(', ')}].`,
  );
}

interface Former {
  readonly resources: ReadonlyMap<string, FakeStackResource>;
}

function* rollBackUpdate(
  world: World,
  stack: FakeStack,
  former: Former,
  failed: string,
  token: string | undefined,
): Generator<void> {
  noteStack(
    world,
    stack,
    'UPDATE_ROLLBACK_IN_PROGRESS',
    token,
    `The following resource(s) failed to update: [${failed}].`,
  );
  yield;
  yield* bringBack(world, stack, former, token, new Set());
}

export function* bringBack(
  world: World,
  stack: FakeStack,
  former: Former,
  token: string | undefined,
  skip: ReadonlySet<string>,
): Generator<void> {
  for (const [id, resource] of stack.resources) {
    const before = former.resources.get(id);
    if (before === undefined || JSON.stringify(before) === JSON.stringify(resource)) continue;
    const failure = skip.has(id) ? undefined : world.rollbackFailures.get(id);
    note(world, stack, resource, 'UPDATE_IN_PROGRESS', token);
    yield;
    if (failure !== undefined) {
      Object.assign(resource, { status: 'UPDATE_FAILED', reason: failure });
      note(world, stack, resource, 'UPDATE_FAILED', token, failure);
      stack.executed = stack.executed && { ...stack.executed };
      formerOf.set(stack, former);
      noteStack(
        world,
        stack,
        'UPDATE_ROLLBACK_FAILED',
        token,
        `The following resource(s) failed to update: [${id}].`,
      );
      return;
    }
    Object.assign(resource, before, { status: 'UPDATE_COMPLETE', reason: undefined });
    note(world, stack, resource, 'UPDATE_COMPLETE', token);
    yield;
  }
  noteStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', token);
  yield;
  for (const [id, resource] of [...stack.resources]) {
    if (former.resources.has(id)) continue;
    Object.assign(resource, { status: 'DELETE_COMPLETE' });
    note(world, stack, resource, 'DELETE_COMPLETE', token);
    stack.resources.delete(id);
  }
  noteStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE', token);
}

/** What an update that could not be undone would go back to. */
export const formerOf = new WeakMap<FakeStack, Former>();

export function* deleteAll(
  world: World,
  stack: FakeStack,
  token: string | undefined,
  retain: ReadonlySet<string>,
): Generator<void> {
  noteStack(world, stack, 'DELETE_IN_PROGRESS', token, 'User Initiated');
  yield;
  const left = yield* removeAll(world, stack, token, retain);
  if (left.length > 0) {
    noteStack(
      world,
      stack,
      'DELETE_FAILED',
      token,
      `The following resource(s) failed to delete: [${left.join(', ')}].`,
    );
    return;
  }
  stack.deletedAt = world.now();
  noteStack(world, stack, 'DELETE_COMPLETE', token);
}

function* removeAll(
  world: World,
  stack: FakeStack,
  token: string | undefined,
  retain: ReadonlySet<string>,
): Generator<void, string[]> {
  const left: string[] = [];
  const order = stack.template === null ? [...stack.resources.keys()] : makingOrder(stack.template);
  for (const id of order.reverse()) {
    const resource = stack.resources.get(id);
    if (resource === undefined || /^DELETE_(COMPLETE|SKIPPED)$/.test(resource.status)) continue;
    if (resource.physicalId === '') {
      Object.assign(resource, { status: 'DELETE_COMPLETE' });
      note(world, stack, resource, 'DELETE_COMPLETE', token);
      continue;
    }
    if (retain.has(id)) {
      world.retained.push(resource.physicalId);
      Object.assign(resource, { status: 'DELETE_SKIPPED' });
      note(world, stack, resource, 'DELETE_SKIPPED', token);
      continue;
    }
    yield* remove(world, stack, resource, stack.template, token);
    if (resource.status === 'DELETE_FAILED') left.push(id);
  }
  return left;
}

function* remove(
  world: World,
  stack: FakeStack,
  resource: FakeStackResource,
  template: FakeTemplate | null,
  token: string | undefined,
): Generator<void> {
  const { logicalId, physicalId } = resource;
  const policy = template?.Resources[logicalId]?.DeletionPolicy;
  const set = (status: string, reason?: string) => {
    Object.assign(resource, { status, reason });
    note(world, stack, resource, status, token, reason);
  };
  if (policy === 'Retain') {
    world.retained.push(physicalId);
    set('DELETE_SKIPPED');
    return;
  }
  set('DELETE_IN_PROGRESS');
  yield;
  const isGuarded = resource.properties['DeletionProtection'] === true;
  const failure =
    world.deleteFailures.get(logicalId) ??
    (isGuarded
      ? `Resource handler returned message: "Cannot delete protected DB Instance, please disable deletion protection and try again." (RequestToken: 0, HandlerErrorCode: InvalidRequest)`
      : undefined);
  if (failure !== undefined) {
    set('DELETE_FAILED', failure);
    return;
  }
  if (policy === 'Snapshot') world.snapshots.push(logicalId);
  set('DELETE_COMPLETE');
  yield;
}
