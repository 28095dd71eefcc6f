#!/usr/bin/env node
'use strict';
const { join } = require('node:path');
const root = join(__dirname, '..');
if (!require('./fast-answer.cjs')(root, process.argv.slice(2))) {
  // AWS SDK v3 prints four lines on Node 20 at its first client; the floor is stated once, in package.json.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  require('./code-cache.cjs')(root);
  require('../dist/launch.js').launch(root, require);
}
