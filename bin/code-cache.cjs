'use strict';
// Keeps V8's compiled code of the larger bundles between runs: Node's own cache from 22.1, a small one before it.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { homedir } = require('node:os');
const vm = require('node:vm');

const SMALLEST = 20_000;

module.exports = function codeCache(root) {
  const dir = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'roc',
    `code-${process.versions.v8}`,
  );
  if (process.env.ROC_NO_CODE_CACHE) return;
  if (typeof Module.enableCompileCache === 'function') {
    Module.enableCompileCache(dir);
    return;
  }
  const dist = join(root, 'dist');
  const compile = Module.prototype._compile;
  Module.prototype._compile = function compileCached(content, filename) {
    if (content.length < SMALLEST || !filename.startsWith(dist)) return compile.call(this, content, filename);
    const key = createHash('sha1').update(filename).update(content).digest('hex');
    const file = join(dir, key);
    const script = new vm.Script(Module.wrap(content), { filename, cachedData: read(file) });
    if (script.cachedDataRejected !== false)
      process.once('exit', () => write(file, script.createCachedData()));
    const require_ = (id) => this.require(id);
    require_.resolve = (request, options) => Module._resolveFilename(request, this, false, options);
    require_.cache = Module._cache;
    require_.main = process.mainModule;
    return script.runInThisContext()(this.exports, require_, this, filename, dirname(filename));
  };
};

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

// Written whole or not at all, in a folder that only this user may enter; a failure only costs speed.
function write(file, data) {
  try {
    fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, data, { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch {}
}
