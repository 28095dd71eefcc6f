/** One list of changes out of two sources: what AWS says in the change set, and what the templates say themselves. */
import type { ChangeSetChange, ChangeSetDetail } from '../aws/change-sets.js';
import type { Change, PropertyChange, Recreation } from '../change.js';
import type { Template } from '../template.js';
import { fateOf, isStateful } from './stateful.js';

const ACTIONS: Readonly<Record<string, Change['action']>> = {
  Add: 'add',
  Modify: 'modify',
  Remove: 'remove',
  Import: 'import',
  Dynamic: 'modify',
  SyncWithActual: 'modify',
};
const RECREATION: Readonly<Record<string, Recreation>> = {
  Never: 'never',
  Conditionally: 'conditional',
  Always: 'always',
  False: 'never',
  Conditional: 'conditional',
  True: 'always',
};

export function mergeChanges(
  changeSet: readonly ChangeSetChange[],
  ownDiff: ReadonlyMap<string, readonly PropertyChange[]>,
  templates: { readonly before: Template | null; readonly after: Template },
): Change[] {
  return changeSet.map((change) => {
    const { logicalId, type } = change;
    const action = ACTIONS[change.action] ?? 'modify';
    const properties = mergeProperties(ownDiff.get(logicalId) ?? [], change.details);
    const replacement = action === 'modify' ? replacementOf(change, properties) : 'never';
    const old = templates.before?.Resources[logicalId];
    return {
      action,
      logicalId,
      type,
      physicalId: change.physicalId,
      replacement,
      stateful: isStateful(type),
      fate:
        action === 'remove'
          ? fateOf(old, 'remove')
          : replacement === 'never'
            ? 'unchanged'
            : fateOf(templates.after.Resources[logicalId], 'replace'),
      properties,
    };
  });
}

/** AWS has the last word; where it says nothing (an emulator), the static table of properties has it. */
function replacementOf(change: ChangeSetChange, properties: readonly PropertyChange[]): Recreation {
  const said = RECREATION[change.replacement ?? ''];
  if (said !== undefined) return said;
  return properties.some(({ recreation }) => recreation === 'always') ? 'always' : 'never';
}

/** The templates' own words first, with AWS's judgement; then what only AWS knows, as a value that follows another. */
function mergeProperties(
  own: readonly PropertyChange[],
  details: readonly ChangeSetDetail[],
): PropertyChange[] {
  const judged = own.map((property) => {
    const about = details.filter((detail) => isAbout(detail, property.path));
    const said = about.flatMap(({ recreation }) => RECREATION[recreation ?? ''] ?? []);
    return said.length === 0 ? property : { ...property, recreation: strongest(said) };
  });
  const others = details.filter((detail) => !own.some(({ path }) => isAbout(detail, path)));
  const seen = new Set<string>();
  return [
    ...judged,
    ...others.flatMap((detail) => {
      const path = pathOf(detail);
      if (seen.has(path)) return [];
      seen.add(path);
      const after = detail.after ?? (detail.isStatic ? undefined : '(known after apply)');
      return [
        {
          path,
          before: detail.before ?? undefined,
          after,
          recreation: RECREATION[detail.recreation ?? ''] ?? 'never',
        } satisfies PropertyChange,
      ];
    }),
  ];
}

function isAbout(detail: ChangeSetDetail, path: string): boolean {
  const said = pathOf(detail);
  return path === said || path.startsWith(`${said}.`) || said.startsWith(`${path}.`);
}

function pathOf({ path, attribute, property }: ChangeSetDetail): string {
  if (path !== null) return path.replace(/^\//, '').replaceAll('/', '.');
  return property === null ? attribute : `${attribute}.${property}`;
}

function strongest(all: readonly Recreation[]): Recreation {
  if (all.includes('always')) return 'always';
  return all.includes('conditional') ? 'conditional' : 'never';
}

/** The changes that would lose or replace what is stateful and that nobody has allowed by name. */
export function forbiddenChanges(changes: readonly Change[], allowed: readonly string[]): readonly Change[] {
  return changes.filter(
    (change) =>
      change.stateful &&
      (change.action === 'remove' || change.replacement !== 'never') &&
      !allowed.includes(change.logicalId),
  );
}
