import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class PolicyCheck extends RocCommand<typeof PolicyCheck> {
  static override summary = 'validate policy files, or roc.yaml and the policies beside it';
  static override description =
    'Every problem is named by file, line and path. The kind of a policy is told by its file name, or by --kind.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> policies/vulns.yaml',
    '<%= config.bin %> <%= command.id %> team-a.yaml --kind vulns',
  ];
  static override args = {
    file: Args.string({ description: 'files; roc.yaml and policies/ by default', multiple: true }),
  };
  static override flags = {
    kind: Flags.string({ summary: 'what kind of policy the files hold', helpValue: 'KIND' }),
  };

  async run(): Promise<unknown> {
    const { checkFile, filesBeside } = await import('../../src/cli/policy-check.js');
    const { POLICIES, SECTIONS } = await import('../../src/registry.js');
    const schemas = { sections: SECTIONS, policies: POLICIES };
    const files = this.args.file ?? (await filesBeside(await this.configFile()));
    const items = await Promise.all(files.map((file) => checkFile(file, schemas, this.flags.kind)));
    for (const { file, kind, problems } of items) {
      if (problems.length === 0) this.log(`${file}: ok (${kind})`);
      for (const { line, path, message } of problems)
        this.log(`${file}${line === null ? '' : `:${line}`}: ${path === '' ? '' : `${path}: `}${message}`);
    }
    if (items.some(({ valid }) => !valid)) this.endWith(2);
    return { items };
  }

  private async configFile(): Promise<string> {
    const { findConfigFile } = await import('../../src/kernel/config-file.js');
    const file = this.flags.config ?? findConfigFile(process.cwd());
    if (file === null)
      throw this.usageError('there is no roc.yaml here or above', 'Name files, or run `roc init`.');
    return file;
  }
}
