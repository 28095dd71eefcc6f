/** `roc --help`: what there is, grouped by what a person is about to do. */
import type { Interfaces } from '@oclif/core';

interface Group {
  readonly title: string;
  /** Commands and topics in the order in which they are met. */
  readonly names: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    title: 'START HERE',
    names: [
      'init',
      'doctor',
      'login',
      'logout',
      'whoami',
      'password',
      'second-factor',
      'policy',
      'completion',
    ],
  },
  { title: 'ROBOTS AND JOBS', names: ['robots', 'deploy', 'rollback', 'deployments', 'processes', 'jobs'] },
  {
    title: 'SERVER AND RUNNERS',
    names: ['serve', 'migrate', 'nodes', 'data', 'runner', 'runners', 'pools', 'projects', 'environments'],
  },
  {
    title: 'PEOPLE, KEYS AND PROOF',
    names: [
      'tenants',
      'users',
      'roles',
      'keys',
      'publishers',
      'assets',
      'signing-keys',
      'kms',
      'audit',
      'evidence',
    ],
  },
  {
    title: 'SECURITY AND OPERATIONS',
    names: ['provision', 'iam', 'bastion', 'backup', 'vulns', 'scale', 'status', 'posture'],
  },
];

/** What a group does not name comes last, under its own heading. */
const REST = 'MORE';

const WIDTH = 80;

export function rootHelp(config: Interfaces.Config): string {
  const summaries = summariesOf(config);
  const grouped = new Set(GROUPS.flatMap(({ names }) => names));
  const rest = { title: REST, names: [...summaries.keys()].filter((name) => !grouped.has(name)).sort() };
  const width = Math.max(...[...summaries.keys()].map((name) => name.length));
  const sections = [...GROUPS, rest]
    .map(({ title, names }) => ({ title, names: names.filter((name) => summaries.has(name)) }))
    .filter(({ names }) => names.length > 0)
    .map(({ title, names }) => {
      const lines = names.map((name) => `  ${name.padEnd(width)}  ${summaries.get(name)}`);
      return [title, ...lines].join('\n');
    });
  return `${[
    wrap(config.pjson.description ?? '', WIDTH),
    `VERSION\n  ${config.userAgent}`,
    `USAGE\n  $ ${config.bin} COMMAND [--json] [--config FILE]\n  $ ${config.bin} COMMAND --help`,
    ...sections,
  ].join('\n\n')}\n`;
}

/** The first words of all commands: a topic by its description, a command by its summary. */
function summariesOf(config: Interfaces.Config): Map<string, string> {
  const summaries = new Map<string, string>();
  for (const { name, description } of config.topics)
    if (!name.includes(':')) summaries.set(name, description ?? '');
  for (const { id, summary, hidden } of config.commands)
    if (!id.includes(':') && !hidden && !summaries.get(id)) summaries.set(id, summary ?? '');
  return summaries;
}

function wrap(text: string, width: number): string {
  return text.replace(new RegExp(`(.{1,${width}})(?: +|$)`, 'g'), '$1\n').trimEnd();
}
