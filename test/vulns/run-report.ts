/** Runs a report over documents in memory, as the command does over files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/vulns/model.js';
import { makeReport } from '../../src/vulns/report.js';
import type { ReportHead } from '../../src/vulns/report-model.js';
import type { ReportRequest } from '../../src/vulns/report-request.js';

export const NOW = Date.UTC(2025, 5, 1);

export type Report = ReportHead & { readonly findings: readonly Finding[] };

export interface TestFiles {
  readonly [name: string]: unknown;
}

/** Documents are written as JSON; strings and buffers as they are. The report is read back from its own JSON. */
export async function report(files: TestFiles, options: Partial<ReportRequest> = {}): Promise<Report> {
  const dir = mkdtempSync(join(tmpdir(), 'roc-vulns-test-'));
  try {
    const inputs = Object.entries(files).map(([name, content]) => {
      const path = join(dir, name);
      writeFileSync(
        path,
        typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      );
      return path;
    });
    const file = join(dir, 'out', 'report.json');
    await makeReport({
      inputs,
      packageRoot: process.cwd(),
      now: NOW,
      jobs: 1,
      ...options,
      outputs: [{ file, format: 'json' }, ...(options.outputs ?? [])],
    });
    return JSON.parse(readFileSync(file, 'utf8').replaceAll(`${dir}/`, '')) as Report;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
