import { Args } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export default class Completion extends RocCommand<typeof Completion> {
  static override summary = 'print the completion script of a shell';
  static override description =
    'The script knows every command, flag and fixed value of this version; print it again after an upgrade.';
  static override examples = [
    {
      description: 'bash, for this user',
      command: '<%= config.bin %> <%= command.id %> bash > ~/.local/share/bash-completion/completions/roc',
    },
    {
      description: 'zsh, in ~/.zshrc after compinit',
      command: 'source <(<%= config.bin %> <%= command.id %> zsh)',
    },
    {
      description: 'fish, for this user',
      command: '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/roc.fish',
    },
  ];
  static override args = {
    shell: Args.string({ description: 'the shell of $SHELL by default', options: [...SHELLS] }),
  };

  async run(): Promise<unknown> {
    const { completionTree } = await import('../src/cli/completion/tree.js');
    const { bashScript } = await import('../src/cli/completion/bash.js');
    const { fishScript } = await import('../src/cli/completion/fish.js');
    const { zshScript } = await import('../src/cli/completion/zsh.js');
    const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
    const shell = SHELLS.find((name) => name === (this.args.shell ?? this.config.shell.split('/').at(-1)));
    if (shell === undefined)
      throw this.usageError('the shell is not known', `Name it: ${SHELLS.join(', ')}.`);
    const script = scripts[shell](completionTree(this.config.getAllCommands(), this.config.topics));
    this.log(script.trimEnd());
    return { shell, script };
  }
}
