// What each entry of the bundle loads, by package: the tests read it to keep heavy packages out of light commands.

/**
 * A rolldown plugin. `done` receives, once the bundle is written:
 * - `entries`: by name, the packages that its modules reach (`loads` statically, `mayLoad` also by dynamic import) and
 *   its chunk's `file`
 * - `chunks`: by file, the packages in it and the files it imports statically and dynamically
 */
export function bundleGraph(done) {
  return {
    name: 'bundle-graph',
    generateBundle(_, bundle) {
      const entries = {};
      const chunks = {};
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const { fileName, imports, dynamicImports } = chunk;
        chunks[fileName] = { imports, dynamicImports, packages: packagesOf(chunk.moduleIds) };
        if (!chunk.isEntry || chunk.facadeModuleId === null) continue;
        const follow = (kinds) =>
          packagesOf(reachable(chunk.facadeModuleId, kinds, (id) => this.getModuleInfo(id)));
        entries[chunk.name] = {
          file: fileName,
          loads: follow(['importedIds']),
          mayLoad: follow(['importedIds', 'dynamicallyImportedIds']),
        };
      }
      done({ entries, chunks });
    },
  };
}

function reachable(start, kinds, info) {
  const seen = new Set([start]);
  for (const id of seen) {
    for (const kind of kinds) for (const next of info(id)?.[kind] ?? []) seen.add(next);
  }
  return seen;
}

function packagesOf(moduleIds) {
  const names = new Set();
  for (const id of moduleIds) {
    const inside = id.replaceAll('\\', '/').split('/node_modules/').at(-1);
    if (inside === id) continue;
    const [first, second] = inside.split('/');
    names.add(first.startsWith('@') ? `${first}/${second}` : first);
  }
  return [...names].sort();
}
