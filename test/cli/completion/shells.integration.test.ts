import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bashScript } from '../../../src/cli/completion/bash.js';
import { fishScript } from '../../../src/cli/completion/fish.js';
import { completionTree } from '../../../src/cli/completion/tree.js';
import { zshScript } from '../../../src/cli/completion/zsh.js';
import { describeWith } from '../../helpers/parts.js';
import { projectPath } from '../../helpers/project.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const manifest = JSON.parse(readFileSync(projectPath('oclif.manifest.json'), 'utf8'));
const tree = completionTree(Object.values(manifest.commands), []);
const dir = makeTempDir('completion');
afterAll(() => removeDir(dir));
writeFileSync(join(dir, 'a-file.json'), '');

const CASES: [line: string, expected: string[], notExpected: string[]][] = [
  ['roc job', ['jobs'], ['robots']],
  ['roc jobs ', ['start', 'logs', 'why'], ['publish']],
  ['roc jobs st', ['start'], ['logs']],
  ['roc jobs start --wa', ['--wait'], ['--in']],
  ['roc jobs list --state su', ['succeeded'], ['failed']],
  ['roc jobs list --state=fa', ['failed'], ['succeeded']],
  ['roc completion ', ['bash', 'zsh', 'fish'], []],
  ['roc deploy --', ['--to', '--reason', '--help'], ['--wait']],
  ['roc robots publish a-', ['a-file.json'], []],
  ['roc jobs list --config a-', ['a-file.json'], []],
  ['roc jobs list --process a-', [], ['a-file.json']],
];

describe('bash', () => {
  const file = join(dir, 'roc.bash');
  writeFileSync(file, bashScript(tree));

  // What bash itself would offer: the function's words, else file names where -o default is still on.
  const DRIVER = `
    source "$1"
    compopt() { [[ $1 == +o ]] && no_files=1; }
    IFS=$'\\n' read -r -d '' -a COMP_WORDS <<<"$2"
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    [[ $3 == new ]] && { COMP_CWORD=\${#COMP_WORDS[@]}; COMP_WORDS+=(''); }
    _roc
    if (( \${#COMPREPLY[@]} )); then printf '%s\\n' "\${COMPREPLY[@]}"
    elif [[ -z $no_files ]]; then compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"
    fi; true`;

  it.each(CASES)('completes %s', (line, expected, notExpected) => {
    // Words as readline splits them: = stands alone.
    const words = line.trim().replaceAll('=', ' = ').split(/\s+/).join('\n');
    const isNew = line.endsWith(' ') ? 'new' : 'same';
    const offered = execFileSync('bash', ['-c', DRIVER, 'driver', file, words, isNew], {
      cwd: dir,
      timeout: 60_000,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    });
    for (const word of expected) expect(offered.split('\n')).toContain(word);
    for (const word of notExpected) expect(offered.split('\n')).not.toContain(word);
  });
});

describeWith('zsh', 'zsh', () => {
  const file = join(dir, '_roc');
  writeFileSync(file, zshScript(tree));
  const run = (script: string, ...args: string[]) =>
    execFileSync('zsh', ['-f', '-c', script, 'driver', ...args], {
      cwd: dir,
      timeout: 60_000,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    });

  it('registers itself', () => {
    const dump = join(dir, 'dump');
    const script = `autoload -Uz compinit; compinit -u -d $1; source $2; print $_comps[roc]`;
    expect(run(script, dump, file).trim()).toBe('_roc');
  });

  // The completion system's own functions, reduced to what they would offer.
  const DRIVER = `
    compdef() { : }; source $1
    _describe() { local -a all; all=(\${(P)@[-1]}); print -l -- \${(M)\${all%%:*}:#\${cur}*} }
    compadd() { shift; print -l -- \${(M)@:#\${cur}*} }
    _files() { print -l -- \${cur}*(N) }
    compset() { : }
    words=(\${=2}); [[ $2 == *' ' ]] && words+=('')
    CURRENT=\${#words}; _roc; true`;

  it.each(CASES)('completes %s', (line, expected, notExpected) => {
    const offered = run(DRIVER, file, line).split('\n');
    for (const word of expected) expect(offered).toContain(word);
    for (const word of notExpected) expect(offered).not.toContain(word);
  });
});

describeWith('fish', 'fish', () => {
  const file = join(dir, 'roc.fish');
  writeFileSync(file, fishScript(tree));

  it.each(CASES)('completes %s', (line, expected, notExpected) => {
    const script = `source ${file}; complete -C ${JSON.stringify(line)}`;
    const env = { ...process.env, HOME: dir };
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
      cwd: dir,
      timeout: 60_000,
      killSignal: 'SIGKILL',
      env,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const offered = stdout.split('\n').map((candidate) => candidate.split('\t')[0]?.replace(/^.*=/, ''));
    for (const word of expected) expect(offered).toContain(word);
    for (const word of notExpected) expect(offered).not.toContain(word);
  });
});
