// Keeps out of the bundle what oclif loads at start and roc never uses: plugins, spinners, colour probes, prompts.
// Each stand-in is told by the module that asks for it, so that the rest of oclif stays as it is.

const STAND_INS = {
  // Our sources import from the package's root, whose index loads all of oclif.
  '@oclif/core': `
    export { Command } from '@oclif/core/command';
    export * as Args from '@oclif/core/args';
    export * as Flags from '@oclif/core/flags';`,
  // Command.run is always given a whole configuration (src/cli/cli-config.ts): nothing is searched or reloaded.
  'command.js > ./config': 'exports.Config = { load: async (config) => config };',
  // The flag that shows help is not used: --help is answered by the launcher.
  'flags.js > ./help': 'exports.Help = undefined;',
  'errors/index.js > ./handle': 'exports.handle = undefined; exports.Exit = undefined;',
  'help/index.js > ../config/ts-path': 'exports.tsPath = undefined;',
  'help/index.js > ../module-loader': 'exports.load = undefined;',
  // Progress and colour are src/cli's own.
  'ux/index.js > ./action/simple':
    'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = class {};',
  'ux/index.js > ./action/spinner':
    'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = class { stop() {} };',
  'ux/theme.js > ./supports-color': 'exports.supportsColor = () => false;',
  // console is slow to come up, and our templates are names of the context alone (a test compares with oclif's own).
  'ux/index.js > ./write': `
    const { format } = require('node:util');
    const line = (text, args) => format(...(Array.isArray(text) ? text : text ? [text] : []), ...args) + '\\n';
    exports.stdout = (text, ...args) => void process.stdout.write(line(text, args));
    exports.stderr = (text, ...args) => void process.stderr.write(line(text, args));`,
  'help/util.js > ejs': `
    const value = (context, path) => path.split('.').reduce((inner, key) => inner[key], context);
    exports.render = (text, context) => text.replace(/<%= *([\\w.]+) *%>/g, (_, path) => value(context, path));`,
  // Loaded only by those who set DEBUG.
  'logger.js > debug': `
    const silent = Object.assign(() => {}, { enabled: false });
    module.exports = process.env.DEBUG ? require('debug') : () => silent;`,
  'parser/parse.js > node:readline': `
    exports.createInterface = (options) => require('node:readline').createInterface(options);`,
  'util/fs.js > node:fs/promises': `
    exports.stat = (path) => require('node:fs').promises.stat(path);
    exports.readFile = (path, options) => require('node:fs').promises.readFile(path, options);`,
};

const PREFIX = '\0slim-oclif:';
const OCLIF = '/node_modules/@oclif/core/lib/';

/** True where an import is answered here, also if it names a module that otherwise stays outside the bundle. */
export function isStandIn(source, importer) {
  return standInKey(source, importer) !== null;
}

/** A rolldown plugin. */
export function slimOclif() {
  return {
    name: 'slim-oclif',
    resolveId(source, importer) {
      const key = standInKey(source, importer);
      return key === null ? null : { id: PREFIX + key, moduleSideEffects: false };
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const key = id.slice(PREFIX.length);
      return { code: STAND_INS[key], moduleType: 'js' };
    },
  };
}

function standInKey(source, importer) {
  if (importer === undefined || importer.startsWith(PREFIX)) return null;
  const file = importer.replaceAll('\\', '/');
  const at = file.lastIndexOf(OCLIF);
  if (at === -1) return source === '@oclif/core' && !file.includes('/node_modules/') ? source : null;
  const key = `${file.slice(at + OCLIF.length)} > ${source}`;
  return Object.hasOwn(STAND_INS, key) ? key : null;
}
