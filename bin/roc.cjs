#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const root = join(__dirname, '..');
if (!require('./fast-answer.cjs')(root, process.argv.slice(2))) {
  const launcher = join(root, 'dist/launch.js');
  if (existsSync(launcher)) {
    // AWS SDK v3 prints four lines on Node 20 at its first client; the floor is stated once, in package.json.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    require('./code-cache.cjs')(root);
    require(launcher).launch(root, require);
  } else {
    process.stderr.write('error: roc is not built\n  next: Run `npm ci && npm run build` in its folder.\n');
    process.exitCode = 2;
  }
}
