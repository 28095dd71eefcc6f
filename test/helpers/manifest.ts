/** The committed manifest: every command with its flags, args and examples as data. */
import { readFileSync } from 'node:fs';
import { projectPath } from './project.js';

export interface ManifestFlag {
  readonly name: string;
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly hidden?: boolean;
  readonly allowNo?: boolean;
}

export interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly examples?: readonly (string | { description: string; command: string })[];
  readonly flags: Readonly<Record<string, ManifestFlag>>;
  readonly args: Readonly<Record<string, { name: string; required?: boolean; description?: string }>>;
  readonly enableJsonFlag: boolean;
  readonly hidden?: boolean;
  readonly relativePath: readonly string[];
}

/** All commands, by id (`jobs:start`). */
export function manifestCommands(): readonly ManifestCommand[] {
  const manifest = JSON.parse(readFileSync(projectPath('oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, ManifestCommand>;
  };
  return Object.values(manifest.commands);
}
