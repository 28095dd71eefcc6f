/** The part of oclif's Config that its Command, parser and help read, made from an index without a search. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command, Interfaces } from '@oclif/core';
import { type RoutedCommand, topicsOf } from './route.js';

/** `dist/start.json`, made of the manifest by the build: what routing and lists of commands need, and no more. */
export interface StartIndex {
  /** Of package.json: name, version, description and the `oclif` part. */
  readonly program: Interfaces.PJSON;
  readonly commands: Readonly<Record<string, IndexEntry>>;
}

type IndexEntry = RoutedCommand &
  Pick<Command.Cached, 'id' | 'summary' | 'hidden'> & { readonly relativePath: readonly string[] };

/** Loads a built command by its absolute path: the launcher's own `require`. */
export type LoadModule = (file: string) => unknown;

export function readStartIndex(root: string): StartIndex {
  return readJson(join(root, 'dist/start.json')) as StartIndex;
}

/**
 * oclif's own Config.load searches for plugins, themes and package files, three times a run, and costs more than all
 * else of a command's start. roc has no plugins: what is left is this object.
 */
export function cliConfig(root: string, index: StartIndex, load: LoadModule): Interfaces.Config {
  const { program: pjson, commands } = index;
  const home = process.env['HOME'] || homedir();
  const ids = Object.keys(commands);
  const topics = topicsOf(ids).map((name) => ({ name, ...pjson.oclif.topics?.[name] }));
  const findCommand = (id: string) => {
    const entry = Object.hasOwn(commands, id) ? commands[id] : undefined;
    return entry && { ...detailsOf(root, entry), load: async () => loadCommand(root, index, id, load) };
  };
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
    commandIDs: ids,
    commands: Object.values(commands).map((entry) => ({ ...entry })),
    findCommand,
    findMatches: () => [],
    findTopic: (name: string) => topics.find((topic) => topic.name === name),
    flexibleTaxonomy: false,
    getAllCommandIDs: () => ids,
    // With flags, arguments and examples, which `commands` has not.
    getAllCommands: () => ids.map(findCommand),
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

/** The class of a built command of the index. */
export function loadCommand(root: string, index: StartIndex, id: string, load: LoadModule): Command.Class {
  const entry = index.commands[id];
  if (entry === undefined) throw new TypeError(`no command ${id}`);
  const loaded = load(join(root, ...entry.relativePath)) as { default: Command.Class };
  return Object.assign(loaded.default, { id });
}

// The command's entry of the manifest, which the build puts beside its code.
function detailsOf(root: string, entry: IndexEntry): Command.Cached {
  return readJson(join(root, ...entry.relativePath).replace(/\.js$/, '.json')) as Command.Cached;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
