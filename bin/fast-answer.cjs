'use strict';
// Answers --version and --help from text made at build time, before anything is loaded, and refuses an old Node.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const ANSWERS = { '--version': 'version.txt', '-v': 'version.txt', '--help': 'help.txt', '-h': 'help.txt' };

module.exports = function fastAnswer(root, argv) {
  if (isTooOld(process.versions.node)) {
    refuseNode(argv.includes('--json'));
    return true;
  }
  const file = argv.length > 1 ? undefined : ANSWERS[argv[0] ?? '--help'];
  if (file === undefined) return false;
  try {
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    // Who closes the pipe early wants no more of it.
    process.stdout.on('error', () => {});
    process.stdout.write(
      text
        .replace('{platform}', `${process.platform}-${process.arch}`)
        .replace('{node}', process.versions.node),
    );
    return true;
  } catch {
    return false;
  }
};

function isTooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 20 || (major === 20 && minor < 19);
}

function refuseNode(json) {
  const message = `Node ${process.versions.node} is too old for roc, which needs 20.19 or newer`;
  const hint = 'Install a supported Node (22 or 24) and run roc again.';
  process.exitCode = 2;
  if (json) {
    const error = { code: 'ROC_NODE_TOO_OLD', message, hint };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  } else {
    process.stderr.write(`error: ${message}\n  next: ${hint}\n`);
  }
}
