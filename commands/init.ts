import { Flags } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';

export default class Init extends RocCommand<typeof Init> {
  static override summary = 'write a commented roc.yaml and the default policies beside it';
  static override description =
    'A file that is there already is never replaced unasked: with --yes nothing is asked and it is kept, with --force it is replaced.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes --dir /etc/roc',
  ];
  static override flags = {
    dir: Flags.string({ summary: 'folder to write into', helpValue: 'DIR', default: '.' }),
    force: Flags.boolean({ summary: 'replace files that are there', exclusive: ['yes'] }),
    yes: Flags.boolean({ char: 'y', summary: 'ask nothing; keep files that are there' }),
  };

  async run(): Promise<unknown> {
    const { configTemplate, loadSections } = await import('../src/cli/init-config.js');
    const { shippedPolicies } = await import('../src/cli/shipped-policies.js');
    const { writeFiles } = await import('../src/cli/write-files.js');
    const { askYesNo } = await import('../src/cli/prompts.js');
    const { SECTIONS } = await import('../src/registry.js');
    const { dir, force, yes } = this.flags;

    const config = { path: 'roc.yaml', text: configTemplate(await loadSections(SECTIONS)) };
    const files = [config, ...(await shippedPolicies(this.config.root))];
    const hint = '--yes keeps what is there, --force replaces it.';
    const replace = async (file: string) =>
      force || (!yes && (await askYesNo(`${file} is there and differs. Replace it?`, hint)));
    const written = await writeFiles(dir, files, replace);
    for (const { path, action } of written) this.log(`${action.padEnd(9)}  ${path}`);
    return { dir, items: written };
  }
}
