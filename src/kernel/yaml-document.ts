/** A YAML text with the lines of its keys, so that whoever checks it can say where something is wrong. */
import { isMap, isNode, LineCounter, parseDocument } from 'yaml';

export interface YamlDocument {
  /** Undefined where the text is no YAML. */
  readonly value: unknown;
  /** What is wrong with the YAML itself; empty where it can be read. */
  readonly problems: readonly { readonly line: number | null; readonly message: string }[];
  /** Line (from 1) of a key or item, or of the nearest thing above it that exists; null for an empty text. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** An alias is rarely needed in such files and a nest of them is a bomb: at most this many are followed. */
const MAX_ALIASES = 20;

export function readYamlDocument(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const problems = document.errors.map(({ message, linePos }) => ({
    line: linePos?.[0].line ?? null,
    message: firstLine(message),
  }));
  const lineAt = (node: unknown) => (isNode(node) && node.range ? lines.linePos(node.range[0]).line : null);
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let depth = path.length; depth > 0; depth--) {
      const line = lineAt(keyOrItem(document, path.slice(0, depth)));
      if (line !== null) return line;
    }
    return lineAt(document.contents);
  };
  if (problems.length > 0) return { value: undefined, problems, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems, lineOf };
  } catch (error) {
    const message = error instanceof Error ? firstLine(error.message) : String(error);
    return { value: undefined, problems: [{ line: null, message }], lineOf };
  }
}

// A pair starts at its key; asked for its value, the library would give the line where that begins.
function keyOrItem(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): unknown {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (!isMap(parent)) return document.getIn(path, true);
  return parent.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === String(last))?.key;
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}
