/** What every command promises in its declaration, read from the committed manifest. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ManifestCommand, manifestCommands } from '../helpers/manifest.js';
import { projectPath } from '../helpers/project.js';

const commands = manifestCommands();

describe('the manifest', () => {
  it('names every command file and no other', () => {
    const files = readdirSync(projectPath('commands'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) =>
        file
          .replaceAll('\\', '/')
          .replace(/(\/index)?\.ts$/, '')
          .replaceAll('/', ':'),
      );
    expect(commands.map((command) => command.id).sort()).toEqual(files.sort());
  });
});

describe.each(commands.map((command) => [command.id.replaceAll(':', ' '), command] as const))(
  'roc %s',
  (_, command) => {
    it('says in one lowercase fragment what it does', () => {
      expect(command.summary).toMatch(/^[^A-Z\n][^\n]*[^.\n]$|^[A-Z]{2}[^\n]*[^.\n]$/);
      expect(command.summary?.length).toBeLessThanOrEqual(90);
    });

    it('takes --json and --config', () => {
      expect(command.flags).toMatchObject({ json: { type: 'boolean' }, config: { type: 'option' } });
    });

    it('says of each flag and argument what it is for', () => {
      const silent = [
        ...Object.values(command.flags).filter((flag) => !flag.hidden && !(flag.summary ?? flag.description)),
        ...Object.values(command.args).filter((arg) => !arg.description),
      ];
      expect(silent.map((part) => part.name)).toEqual([]);
    });

    it('has examples that run this very command with flags that it has', () => {
      const lines = exampleLines(command);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line).toContain(`roc ${command.id.replaceAll(':', ' ')}`);
        expect(unknownFlags(line, command)).toEqual([]);
      }
    });
  },
);

function exampleLines(command: ManifestCommand): string[] {
  return (command.examples ?? [])
    .map((example) => (typeof example === 'string' ? example : example.command))
    .map((text) =>
      text
        .replaceAll(/<%= *config\.bin *%>/g, 'roc')
        .replaceAll(/<%= *command\.id *%>/g, command.id.replaceAll(':', ' ')),
    );
}

// Of the command itself: what follows ` | `, ` && ` or ` -- ` belongs to another program.
function unknownFlags(line: string, command: ManifestCommand): string[] {
  const start = line.indexOf(`roc ${command.id.replaceAll(':', ' ')}`);
  const own = line.slice(start).split(/ -- | \| | && |\n/)[0] ?? '';
  const known = Object.values(command.flags).flatMap((flag) => [
    `--${flag.name}`,
    ...(flag.allowNo ? [`--no-${flag.name}`] : []),
    ...(flag.char ? [`-${flag.char}`] : []),
  ]);
  return [...own.matchAll(/(?<=\s)(--[a-z][\w-]*|-[a-zA-Z])(?=[\s=]|$)/g)]
    .map(([flag]) => flag)
    .filter((flag) => flag !== '--help' && !known.includes(flag));
}
