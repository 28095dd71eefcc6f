/** Templates that were made before, in the user's cache folder: the same request reads a file instead of a library. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { makeFolderSync } from '../kernel/make-folder.js';
import { type Synthesis, type SynthesisRequest, synthesise, synthesisOf } from './synthesise.js';
import { type Template, templateSha } from './template.js';

/** `$XDG_CACHE_HOME/roc/templates`, `~/.cache/roc/templates` where it is not set. */
export function templateCache(env: Readonly<Record<string, string | undefined>>): string {
  const home = env['XDG_CACHE_HOME'];
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.cache'), 'roc', 'templates');
}

/**
 * What {@link synthesise} gives, from `folder` where it was given before; a folder that cannot be written costs time
 * and nothing else. `build` tells one build of roc from another that has the same version.
 */
export async function cachedSynthesis(
  request: SynthesisRequest,
  { folder, build }: { folder: string; build: string },
): Promise<Synthesis & { readonly isCached: boolean }> {
  const file = join(folder, `${canonicalSha256({ ...request, build })}.json`);
  const known = readTemplate(file);
  if (known !== null) return { ...synthesisOf(request, known), isCached: true };
  const made = await synthesise(request);
  remember(folder, file, made);
  return { ...made, isCached: false };
}

// The first line is the digest of the second, so that half a file is no template.
function readTemplate(file: string): Template | null {
  try {
    const [sha, body = ''] = readFileSync(file, 'utf8').split('\n');
    return sha === templateSha(body) ? (JSON.parse(body) as Template) : null;
  } catch {
    return null;
  }
}

function remember(folder: string, file: string, { sha256, body }: Synthesis): void {
  try {
    makeFolderSync(folder, 0o700);
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${sha256}\n${body}`, { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // The next run makes it again.
  }
}
