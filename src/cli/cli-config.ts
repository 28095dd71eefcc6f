/** The part of oclif's Config that its Command, parser and help read, made from the manifest without a search. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command, Interfaces } from '@oclif/core';
import { type RoutedCommand, topicsOf } from './route.js';

export interface Manifest {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
  readonly version: string;
}

type ManifestCommand = Command.Cached & RoutedCommand & { readonly relativePath: readonly string[] };

/** Loads a built command, or a JSON file, by its absolute path: the launcher's own `require`. */
export type LoadModule = (file: string) => unknown;

/** Reads `oclif.manifest.json` of the package; everything else about the program is in package.json's `oclif`. */
export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as Manifest;
}

/**
 * oclif's own Config.load searches for plugins, themes and package files, three times a run, and costs more than all
 * else of a command's start. roc has no plugins: what is left is this object.
 */
export function cliConfig(root: string, manifest: Manifest, load: LoadModule): Interfaces.Config {
  const pjson = load(join(root, 'package.json')) as Interfaces.PJSON;
  const home = process.env['HOME'] || homedir();
  const commands = Object.values(manifest.commands).map((cached) => loadable(root, cached, load));
  const byId = new Map(commands.map((command) => [command.id, command]));
  const topics = topicsOf([...byId.keys()]).map((name) => ({ name, ...pjson.oclif.topics?.[name] }));
  const xdg = (name: string, fallback: string) =>
    join(process.env[`XDG_${name}_HOME`] || join(home, fallback), pjson.oclif.dirname ?? pjson.name);
  const known = {
    arch: process.arch as Interfaces.ArchTypes,
    bin: pjson.oclif.bin ?? pjson.name,
    cacheDir: xdg('CACHE', '.cache'),
    configDir: xdg('CONFIG', '.config'),
    dataDir: xdg('DATA', '.local/share'),
    dirname: pjson.oclif.dirname ?? pjson.name,
    channel: 'stable',
    commandIDs: [...byId.keys()],
    commands,
    findCommand: (id: string) => byId.get(id),
    findMatches: () => [],
    findTopic: (name: string) => topics.find((topic) => topic.name === name),
    flexibleTaxonomy: false,
    getAllCommandIDs: () => [...byId.keys()],
    getAllCommands: () => commands,
    getPluginsList: () => [],
    home,
    isSingleCommandCLI: false,
    name: pjson.name,
    pjson,
    platform: process.platform,
    plugins: new Map<string, Interfaces.Plugin>(),
    root,
    runHook: async () => ({ successes: [], failures: [] }),
    scopedEnvVar: () => undefined,
    scopedEnvVarKey: (key: string) => `ROC_${key}`,
    scopedEnvVarKeys: () => [],
    scopedEnvVarTrue: () => false,
    shell: process.env['SHELL'] ?? 'unknown',
    topicSeparator: ' ' as const,
    topics,
    userAgent: `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}`,
    valid: true,
    version: pjson.version,
    windows: process.platform === 'win32',
  };
  // What is left out (updates, installers, s3 locations) no code of roc's bundle asks for.
  return known as unknown as Interfaces.Config;
}

function loadable(root: string, cached: ManifestCommand, load: LoadModule): Command.Loadable {
  return {
    ...cached,
    load: async () => {
      const loaded = load(join(root, ...cached.relativePath)) as { default: Command.Class };
      return Object.assign(loaded.default, { id: cached.id });
    },
  };
}
