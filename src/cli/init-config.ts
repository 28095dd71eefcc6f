/** The roc.yaml that `roc init` writes: every section and key as a comment, made from the schemas that read them. */
import { z } from 'zod';

const WIDTH = 100;

const HEAD = `# What roc reads before environment variables (ROC_<SECTION>__<KEY>) and flags.
# Lines that begin with "# " in the first column are defaults: take the "# " away from what you change, and from
# the name of its section. Keys without a default stay comments until they are given a value.
`;

interface KeySchema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, KeySchema>>;
}

export interface ConfigSectionText {
  readonly name: string;
  readonly readBy: string;
  readonly schema: z.ZodType;
}

export function configTemplate(sections: readonly ConfigSectionText[]): string {
  return [HEAD, ...sections.map(sectionText)].join('\n');
}

function sectionText({ name, readBy, schema }: ConfigSectionText): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const properties = (json.properties ?? {}) as Readonly<Record<string, KeySchema>>;
  const lines = Object.entries(properties).flatMap(([key, value]) => keyLines(key, value));
  // A section whose keys are all comments would read as null: {} says that nothing is set.
  const isBare = Object.values(properties).every((value) => value.default === undefined);
  return `# ${readBy}\n# ${name}:${isBare ? ' {}' : ''}\n${lines.join('\n')}\n`;
}

function keyLines(key: string, value: KeySchema): string[] {
  const about = [value.description, value.enum?.map(String).join(', ')].filter(Boolean).join(': ');
  const comment = [
    ...(about === '' ? [] : wrap(about, WIDTH - 6)),
    ...Object.entries(value.properties ?? {}).flatMap(innerLines),
  ].map((line) => `#   # ${line}`);
  if (value.default === undefined) return [...comment, `#   # ${key}: ${value.type ?? '…'}`];
  return [...comment, `#   ${key}: ${JSON.stringify(value.default)}`];
}

// Keys of a key stay comments whatever they are: what is set of them is written beneath, or between the braces.
function innerLines([key, value]: readonly [string, KeySchema]): string[] {
  const about = [value.description, value.enum?.map(String).join(', ')].filter(Boolean).join(': ');
  const known = value.default === undefined ? (value.type ?? '…') : JSON.stringify(value.default);
  return wrap(`- ${key} (${known})${about === '' ? '' : `: ${about}`}`, WIDTH - 6);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The sections of the registry with their schemas loaded, in the order in which they stand there. */
export async function loadSections(
  entries: Readonly<Partial<Record<string, { readBy: string; schema: () => Promise<z.ZodType> }>>>,
): Promise<ConfigSectionText[]> {
  const known = Object.entries(entries).flatMap(([name, entry]) =>
    entry === undefined ? [] : [{ name, entry }],
  );
  return Promise.all(
    known.map(async ({ name, entry }) => ({ name, readBy: entry.readBy, schema: await entry.schema() })),
  );
}
