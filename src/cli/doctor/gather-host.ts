/** What this host and user have: Node, configuration, session, AWS credentials and region. */
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { CONFIG_SECTIONS, type Config, type ConfigSection, readSection } from '../../kernel/config.js';
import { isRocError } from '../../kernel/errors.js';
import { readSession, sessionPath } from '../session-file.js';
import type { AwsFacts, SessionFacts } from './model.js';

type Env = Readonly<Record<string, string | undefined>>;
interface Section {
  readonly schema: () => Promise<z.ZodType>;
  readonly needsValues?: true;
}
type Sections = Readonly<Partial<Record<ConfigSection, Section>>>;

/** What is wrong with each section as it is read, environment variables included. */
export async function configProblems(config: Config, sections: Sections): Promise<string[]> {
  const problems: string[] = [];
  for (const name of CONFIG_SECTIONS) {
    const entry = sections[name];
    if (entry === undefined || (entry.needsValues && !isSet(config, name))) continue;
    try {
      readSection(config, name, await entry.schema());
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return problems;
}

function isSet({ sections, variables = [] }: Config, name: ConfigSection): boolean {
  return sections[name] !== undefined || variables.some(({ section }) => section === name);
}

export async function gatherSession(env: Env): Promise<SessionFacts> {
  const file = sessionPath(env);
  try {
    const session = await readSession(file);
    if (session === null) return { state: 'none' };
    const { mode } = await stat(file);
    return { state: 'kept', file, mode: mode & 0o777, url: session.url, email: session.user.email };
  } catch (error) {
    return { state: 'damaged', message: messageOf(error) };
  }
}

/** Where the SDK's default chain would find credentials; presence only, nothing is read or asked. */
export async function gatherAws(env: Env): Promise<Omit<AwsFacts, 'identity'>> {
  return {
    credentials: await credentialSource(env),
    region: env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || null,
  };
}

async function credentialSource(env: Env): Promise<string | null> {
  if (env['AWS_ACCESS_KEY_ID']) return 'AWS_ACCESS_KEY_ID';
  if (env['AWS_PROFILE']) return `profile ${env['AWS_PROFILE']}`;
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE']) return 'web identity (AWS_WEB_IDENTITY_TOKEN_FILE)';
  if (env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] || env['AWS_CONTAINER_CREDENTIALS_FULL_URI'])
    return 'the role of this container';
  const folder = join(env['HOME'] || homedir(), '.aws');
  const file = env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials');
  return access(file).then(
    () => file,
    () => null,
  );
}

export function messageOf(error: unknown): string {
  return isRocError(error) || error instanceof Error ? error.message : String(error);
}
