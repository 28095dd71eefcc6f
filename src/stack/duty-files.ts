/** The files that the duties work by, read from beside roc.yaml when a template is made: the host gets them as parameters. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { readYamlDocument } from '../kernel/yaml-document.js';
import type { StackConfig } from './config-shape.js';

/** Lines of `TYPE ASSET`: what the restore tests take in turn. */
export const DRILLS_FILE = 'drills';

/** Of all files together: a template takes no more than a megabyte, and the host need not read a book each hour. */
const MOST_BYTES = 64 * 1024;

/** Made by the template itself. */
const TAKEN = ['roc.yaml', 'stack-outputs.json', DRILLS_FILE];

/** A file that roc.yaml names for a duty. */
export interface DutyFile {
  /** As `roc policy check --kind` knows it; null for what is no policy. */
  readonly kind: string | null;
  readonly setting: string;
  readonly path: string;
}

/** The files that roc.yaml names, as absolute paths. */
export function dutyFilesOf({ ops }: Pick<StackConfig, 'ops'>, base: string): DutyFile[] {
  const { backup, vulns, scale } = ops;
  const named: readonly (readonly [kind: string | null, setting: string, path: string | undefined])[] = [
    ['backup', 'backup.policy', backup.policy],
    ...backup.files.map((path) => [null, 'backup.files', path] as const),
    ['vulns', 'vulns.policy', vulns.policy],
    ['vulns-assets', 'vulns.assets', vulns.assets],
    ...vulns.suppressions.map((path) => ['vulns-suppressions', 'vulns.suppressions', path] as const),
    ['scale', 'scale.policy', scale.policy],
  ];
  return named.flatMap(([kind, setting, path]) =>
    path === undefined ? [] : [{ kind, setting: `stack.ops.${setting}`, path: resolve(base, path) }],
  );
}

/**
 * Their texts by file name, and what is to be drilled.
 * @throws RocError ROC_CONFIG_INVALID for what cannot be read, is too large, or cannot be carried by a parameter
 */
export function readDutyFiles(
  section: Pick<StackConfig, 'ops'>,
  { config, packageRoot }: { readonly config: Pick<Config, 'file'>; readonly packageRoot: string },
): Record<string, string> {
  if (!section.ops.enabled) return {};
  const files: Record<string, string> = {};
  for (const file of dutyFilesOf(section, config.file === null ? '.' : dirname(config.file))) {
    const name = basename(file.path);
    if (TAKEN.includes(name) || Object.hasOwn(files, name))
      throw invalid(
        file,
        `two files of the duties would be called ${name}`,
        'Give one of them another name.',
      );
    files[name] = textOf(file);
  }
  const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES)
    throw new RocError('ROC_CONFIG_INVALID', `the files of stack.ops have ${bytes} bytes together`, {
      hint: `They may have ${MOST_BYTES}: leave out what these duties do not need.`,
    });
  return { ...files, [DRILLS_FILE]: drillsOf(section, files, packageRoot) };
}

function textOf(file: DutyFile): string {
  let text: string;
  try {
    text = readFileSync(file.path, 'utf8');
  } catch {
    throw invalid(file, `${file.path} cannot be read`, 'Paths are relative to roc.yaml.');
  }
  if (!/^[\w.-]+$/.test(basename(file.path)))
    throw invalid(file, `${basename(file.path)} is no plain name`, 'Use letters, digits, dots and hyphens.');
  // Parameter Store takes this for the name of another parameter.
  if (text.includes('{{'))
    throw invalid(file, `${file.path} holds "{{"`, 'Parameters of Systems Manager cannot carry it.');
  if (text.trim() === '') throw invalid(file, `${file.path} is empty`, 'Leave the setting out.');
  return text;
}

function drillsOf(
  { ops }: Pick<StackConfig, 'ops'>,
  files: Readonly<Record<string, string>>,
  packageRoot: string,
): string {
  const { policy, verify } = ops.backup;
  const shipped = join(packageRoot, 'policies', 'backup.yaml');
  const text = policy === undefined ? readFileSync(shipped, 'utf8') : files[basename(policy)];
  const assets = assetsIn(text ?? '');
  const unknown = (verify ?? []).find((id) => !assets.some((asset) => asset.id === id));
  if (unknown !== undefined)
    throw new RocError('ROC_CONFIG_INVALID', `stack.ops.backup.verify: the policy has no asset ${unknown}`, {
      hint: `It has: ${assets.map(({ id }) => id).join(', ') || 'none'}.`,
    });
  const chosen = assets.filter(({ id }) => verify === undefined || verify.includes(id));
  return chosen.map(({ type, id }) => `${type} ${id}\n`).join('');
}

/** The room of backups judges the policy; here it is asked for names alone. */
function assetsIn(text: string): { id: string; type: string }[] {
  const { value } = readYamlDocument(text);
  const list: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'assets') : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const [id, type] = [Reflect.get(entry, 'id'), Reflect.get(entry, 'type')];
    const isPlain =
      typeof id === 'string' && typeof type === 'string' && /^[a-z0-9 -]+$/.test(`${type} ${id}`);
    return isPlain ? [{ id, type }] : [];
  });
}

function invalid({ setting }: DutyFile, message: string, hint: string): RocError {
  return new RocError('ROC_CONFIG_INVALID', `${setting}: ${message}`, { hint });
}
