/** The `vulns` section of roc.yaml: what every run of a project has in common. Flags win, key by key. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type Config, readSection } from '../kernel/config.js';
import type { ReportWords } from './report-options.js';

const texts = z.array(z.string().min(1));

export const vulnsSectionSchema = z.strictObject({
  policy: z.string().optional().describe('policy file; paths are relative to roc.yaml'),
  assets: z.string().optional().describe('who owns what and what faces the internet'),
  suppressions: texts.default([]).describe('files of suppressions beside the policy'),
  vex: texts.default([]).describe('OpenVEX and CycloneDX VEX documents'),
  feeds: z.string().optional().describe('folder of KEV, EPSS and SSVC feeds'),
  requireFeeds: z.boolean().default(false).describe('refuse to decide with missing or stale feeds'),
  store: z.string().optional().describe('folder that remembers earlier runs'),
  failOn: texts.default([]).describe('conditions that end a report with exit code 3'),
  live: z.string().optional().describe('services of AWS to read: ecr,inspector,guardduty,securityhub'),
  regions: z.string().optional().describe('regions to read, joined by commas'),
  roleArns: texts.default([]).describe('roles to read as'),
});

/** The words of a command line, with what roc.yaml says where they are silent. */
export function vulnsWords<W extends Partial<ReportWords>>(config: Config, words: W): W {
  const section = readSection(config, 'vulns', vulnsSectionSchema);
  const at = (path: string): string => resolve(config.file === null ? '.' : dirname(config.file), path);
  const place = (path: string | undefined): string | undefined => (path === undefined ? undefined : at(path));
  const from: Partial<ReportWords> = {
    policy: place(section.policy),
    assets: place(section.assets),
    suppressions: section.suppressions.map(at),
    vex: section.vex.map(at),
    feeds: place(section.feeds),
    'require-feeds': section.requireFeeds || undefined,
    // An earlier report named on the command line stands in for the memory.
    store: words.baseline === undefined ? place(section.store) : undefined,
    'fail-on': section.failOn,
    live: section.live,
    regions: section.regions,
    'role-arn': section.roleArns.length === 0 ? undefined : section.roleArns,
  };
  const given = Object.entries(words).filter(([, value]) => value !== undefined);
  return { ...from, ...Object.fromEntries(given) } as W;
}
