'use strict';
// Answers --version and --help from text made at build time, before anything is loaded.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = function fastAnswer(root, argv) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `error: Node ${process.versions.node} is too old for roc, which needs 20.19 or newer\n` +
        '  next: install a supported Node (22 or 24) and run roc again\n',
    );
    process.exitCode = 2;
    return true;
  }
  if (argv.length > 1) return false;
  const file = { '--version': 'version.txt', '-v': 'version.txt', '--help': 'help.txt', '-h': 'help.txt' }[
    argv[0] ?? '--help'
  ];
  if (file === undefined) return false;
  process.stdout.on('error', () => {});
  try {
    process.stdout.write(
      readFileSync(join(root, 'dist', file), 'utf8')
        .replace('{platform}', `${process.platform}-${process.arch}`)
        .replace('{node}', process.versions.node),
    );
    return true;
  } catch {
    return false;
  }
};
