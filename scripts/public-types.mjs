// Refuses a library whose public types name a package that its users do not have.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** @throws Error with the way from the export to the foreign type */
export function refuseForeignTypes(types) {
  for (const name of readdirSync(join(types, 'exports'))) {
    for (const [source, ...way] of foreignTypes(join(types, 'exports', name))) {
      const told = [source, ...way.map((file) => relative(types, file))].join(' ← ');
      throw new Error(`a public type reaches into a package that is not installed with roc: ${told}`);
    }
  }
}

// Each way leads from the file that imports a package back to the export that needs it.
function foreignTypes(start) {
  const ways = new Map([[start, [start]]]);
  const foreign = [];
  for (const [file, way] of ways) {
    for (const source of importsOf(readFileSync(file, 'utf8'))) {
      const target = join(dirname(file), source.replace(/\.js$/, '.d.ts'));
      if (source.startsWith('node:')) continue;
      if (!source.startsWith('.')) foreign.push([source, ...way]);
      else if (!ways.has(target) && existsSync(target)) ways.set(target, [target, ...way]);
    }
  }
  return foreign;
}

function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(/\bfrom '([^']+)'|\bimport\("([^"]+)"\)/g)].map(
    ([, from, inline]) => from ?? inline,
  );
}
