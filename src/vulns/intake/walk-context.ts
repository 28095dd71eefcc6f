/** What surrounds the records of a walked document, rendered as JSON text with one empty array for them. */
import type { RecordContext } from './batch.js';

export interface Node {
  /** Small members by key, as their JSON text. */
  readonly members: Map<string, string>;
  readonly children: Map<string | number, Node>;
}

export function newNode(): Node {
  return { members: new Map(), children: new Map() };
}

/** The document around the array at `path`; array elements on the way appear alone, as element 0. */
export function contextAt(root: Node, path: readonly (string | number)[]): RecordContext {
  let before = '';
  let after = '';
  let node: Node | undefined = root;
  for (const step of path) {
    if (typeof step === 'number') {
      before += '[';
      after = `]${after}`;
    } else {
      const members: string[] = [...(node?.members ?? [])]
        .filter(([key]) => key !== step)
        .map(([key, text]) => `${JSON.stringify(key)}:${text},`);
      before += `{${members.join('')}${JSON.stringify(step)}:`;
      after = `}${after}`;
    }
    node = node?.children.get(step);
  }
  return {
    before: `${before}[`,
    after: `]${after}`,
    path: path.map((step) => (typeof step === 'number' ? 0 : step)),
  };
}
