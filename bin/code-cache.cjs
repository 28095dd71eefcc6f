'use strict';
// Keeps V8's compiled code of the larger bundles between runs: Node's own cache from 22.1, a small one before it.
const fs = require('node:fs');
const Module = require('node:module');
const { basename, dirname, join } = require('node:path');
const { homedir } = require('node:os');
const vm = require('node:vm');

const SMALLEST = 20_000;
const MOST_FILES = 300;

module.exports = function codeCache(root) {
  if (process.env.ROC_NO_CODE_CACHE) return;
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const top = join(caches, 'roc');
  if (typeof Module.enableCompileCache === 'function') {
    if (makeOurs([caches, top])) Module.enableCompileCache(top);
    return;
  }
  cacheCompiledCode(join(root, 'dist'), [caches, top, join(top, `code-${process.versions.v8}`)]);
};

function cacheCompiledCode(dist, folders) {
  const dir = folders.at(-1);
  const compile = Module.prototype._compile;
  const fresh = [];
  Module.prototype._compile = function compileCached(content, filename) {
    if (content.length < SMALLEST || !filename.startsWith(dist)) return compile.call(this, content, filename);
    const file = join(dir, cacheName(filename));
    const script = new vm.Script(Module.wrap(content), { filename, cachedData: read(dir, file) });
    if (script.cachedDataRejected !== false) fresh.push({ file, script });
    const require_ = (id) => this.require(id);
    require_.resolve = (request, options) => Module._resolveFilename(request, this, false, options);
    require_.cache = Module._cache;
    require_.main = process.mainModule;
    return script.runInThisContext()(this.exports, require_, this, filename, dirname(filename));
  };
  // At the end, so that what was compiled during the run is in it.
  process.once('exit', () => {
    if (fresh.length > 0 && makeOurs(folders)) writeAll(dir, fresh);
  });
}

// V8 compares only the length of the source, so each rewrite of a file must give another name. Package managers set
// one fixed mtime on all that they unpack; the inode and the time of its last change tell.
function cacheName(filename) {
  const { ino, size, ctimeMs } = fs.statSync(filename);
  return `${basename(filename)}-${ino}-${size}-${ctimeMs}`;
}

// V8 checks nothing of what it is given and dies of a damaged file. The code is stored twice: two halves that are
// equal are whole, and comparing them costs a tenth of the cheapest checksum that Node can load.
function read(dir, file) {
  try {
    if (!isOurs(dir)) return undefined;
    const data = fs.readFileSync(file);
    const half = data.length / 2;
    const code = data.subarray(0, half);
    return half > 0 && code.equals(data.subarray(half)) ? code : undefined;
  } catch {
    return undefined;
  }
}

// Each file whole or not at all. A cache that cannot be written only costs speed.
function writeAll(dir, fresh) {
  try {
    for (const { file, script } of fresh) {
      const code = script.createCachedData();
      const temporary = `${file}.${process.pid}`;
      fs.writeFileSync(temporary, Buffer.concat([code, code]), { mode: 0o600, flag: 'wx' });
      fs.renameSync(temporary, file);
    }
    prune(dir);
  } catch {}
}

// Files of former versions are never read again.
function prune(dir) {
  const names = fs.readdirSync(dir);
  if (names.length <= MOST_FILES) return;
  const byAge = names
    .map((name) => ({ name, mtimeMs: fs.statSync(join(dir, name)).mtimeMs }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { name } of byAge.slice(MOST_FILES / 2)) fs.rmSync(join(dir, name), { force: true });
}

// One level after the other: a home that does not exist is not made, and Node's recursive mkdir never returns where
// the kernel allows no folders.
function makeOurs(folders) {
  try {
    for (const folder of folders) makeFolder(folder);
    return isOurs(folders.at(-1));
  } catch {
    return false;
  }
}

function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

// Cached code is run: a folder that somebody else owns or may write to is left alone.
function isOurs(dir) {
  const { mode, uid } = fs.statSync(dir);
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}
