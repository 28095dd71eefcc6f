/** What the built commands load: the start-up budget holds only while heavy packages stay behind `await import()`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { projectPath } from '../helpers/project.js';

interface Graph {
  entries: Record<string, { file: string; loads: string[]; mayLoad: string[] }>;
  chunks: Record<string, { imports: string[]; dynamicImports: string[]; packages: string[] }>;
}
const graph = JSON.parse(readFileSync(projectPath('dist/bundle-graph.json'), 'utf8')) as Graph;
const entries = Object.entries(graph.entries).filter(([name]) => !name.startsWith('workers/'));

const HEAVY =
  /^(zod|yaml|ajv-formats|fastify|@fastify\/.*|kysely|mysql2|pino|jose|prom-client|ws|yauzl|yazl|@clack\/prompts|@aws-sdk\/.*|@smithy\/.*)$/;

describe.each(entries)('%s', (_, entry) => {
  it('loads no heavy package before its own work', () => {
    expect(chunkPackages(entry.file, ['imports']).filter((name) => HEAVY.test(name))).toEqual([]);
  });

  it('is not given packages by the bundling that its own modules do not ask for', () => {
    const given = chunkPackages(entry.file, ['imports', 'dynamicImports']);
    expect(given.filter((name) => !entry.mayLoad.includes(name))).toEqual([]);
  });
});

function chunkPackages(file: string, kinds: ('imports' | 'dynamicImports')[]): string[] {
  const seen = new Set([file]);
  for (const name of seen) {
    for (const kind of kinds) for (const next of graph.chunks[name]?.[kind] ?? []) seen.add(next);
  }
  return [...new Set([...seen].flatMap((name) => graph.chunks[name]?.packages ?? []))].sort();
}
