/** Flags that the commands of the vulns topic share. */
import { Flags } from '@oclif/core';
import { RocError } from '../kernel/errors.js';

/** OpenVEX's five; the policy's schema has them too, but it may not be loaded for a command's flags. */
export const VEX_JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

/** Where feeds are kept, for the commands that look after them. */
export const feedsFolder = Flags.string({
  summary: 'folder of the feeds',
  helpValue: 'DIR',
  default: '.roc/feeds',
  env: 'ROC_VULNS_FEEDS',
});

export const pullFlags = {
  feeds: feedsFolder,
  'kev-url': Flags.string({ summary: 'another address of the KEV catalogue', helpValue: 'URL' }),
  'epss-url': Flags.string({ summary: 'another address of the EPSS scores', helpValue: 'URL' }),
  'ssvc-url': Flags.string({
    summary: 'another address of the Vulnrichment archive, or of a table of SSVC decision points',
    helpValue: 'URL',
  }),
  only: Flags.string({
    summary: 'which feeds, joined by commas',
    helpValue: 'FEEDS',
    default: 'kev,epss,ssvc',
  }),
  timeout: Flags.integer({
    summary: 'seconds without a byte before a feed is given up',
    default: 60,
    min: 1,
    helpValue: 'SECONDS',
  }),
};

export const sourceFlags = {
  policy: Flags.string({ summary: 'policy file; the shipped one by default', helpValue: 'FILE' }),
  assets: Flags.string({ summary: 'who owns what and what faces the internet', helpValue: 'FILE' }),
  suppressions: Flags.string({
    summary: 'file of suppressions beside the policy; repeatable',
    helpValue: 'FILE',
    multiple: true,
  }),
  vex: Flags.string({
    summary: 'OpenVEX or CycloneDX VEX document; repeatable',
    helpValue: 'FILE',
    multiple: true,
  }),
  feeds: Flags.string({
    summary: 'folder of KEV, EPSS and SSVC feeds',
    helpValue: 'DIR',
    env: 'ROC_VULNS_FEEDS',
  }),
  store: Flags.string({ summary: 'folder that remembers earlier runs', helpValue: 'DIR' }),
  now: Flags.string({
    summary: 'take this instant as now, so that a run can be repeated byte for byte',
    helpValue: 'ISO',
  }),
};

export const outputFlags = {
  format: Flags.string({
    summary: 'what to print on stdout: table, json, jsonl and the formats of --output',
    default: 'table',
    helpValue: 'FORMAT',
  }),
  output: Flags.string({
    summary: 'also write FILE in FORMAT; repeatable',
    helpValue: 'FILE=FORMAT',
    multiple: true,
  }),
  'fail-on': Flags.string({
    summary: 'exit 3 when a finding meets this; repeatable',
    helpValue: 'CONDITION',
    multiple: true,
  }),
  scope: Flags.string({
    summary: 'what the inputs cover, so that what is absent counts as fixed: all, or name=glob,…; repeatable',
    helpValue: 'SCOPE',
    multiple: true,
  }),
  'require-feeds': Flags.boolean({ summary: 'refuse to decide with missing or stale feeds' }),
  jobs: Flags.integer({ summary: 'worker threads for large inputs', min: 1, max: 16, helpValue: 'N' }),
  strict: Flags.boolean({ summary: 'exit 2 when any record could not be read as it should' }),
  baseline: Flags.string({
    summary: 'earlier JSON or JSON Lines report: what stands in it is open, what does not is new',
    helpValue: 'FILE',
  }),
  top: Flags.integer({
    summary: 'how many lines of plan and findings to print',
    default: 15,
    min: 0,
    helpValue: 'N',
  }),
  group: Flags.string({
    summary: 'print findings counted by this; --json adds them as groups',
    options: ['issue', 'resource', 'owner', 'image'],
  }),
  since: Flags.string({
    summary: 'print only findings first seen since then (7d, 12h or a date); outputs and gates keep all',
    helpValue: 'TIME',
  }),
  publish: Flags.boolean({ summary: 'send the report to the server as evidence (see roc login)' }),
};

export const liveFlags = {
  live: Flags.string({
    summary: 'also read from AWS: ecr, inspector, guardduty, securityhub, joined by commas',
    helpValue: 'SERVICES',
  }),
  regions: Flags.string({
    summary: 'regions for --live, joined by commas; each with every role',
    helpValue: 'REGIONS',
    helpGroup: 'AWS',
  }),
  'role-arn': Flags.string({
    summary: 'role to read as, for --live; repeatable',
    helpValue: 'ARN',
    multiple: true,
    helpGroup: 'AWS',
  }),
  full: Flags.boolean({ summary: 'with --live and --store, read everything and not only what changed' }),
};

/** The instant of --now, else the clock's, in epoch milliseconds. */
export function nowFrom(flag: string | undefined): number {
  if (flag === undefined) return Date.now();
  const ms = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(flag)
    ? Date.parse(flag)
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new RocError('ROC_USAGE', `--now ${flag} is no instant`, {
      hint: 'Write 2026-04-05 or 2026-04-05T12:00:00Z.',
    });
  return ms;
}
