/**
 * Which room reads which section of roc.yaml and which policy file; every schema is loaded when it is asked for.
 * A new section or policy is a new line here, and `roc init`, `roc doctor` and `roc policy check` know it.
 */
import type { z } from 'zod';
import type { ConfigSection } from './kernel/config.js';

type LoadSchema<S extends z.ZodType> = () => Promise<S>;

interface SectionEntry {
  /** What reads it, for the comment above it in roc.yaml. */
  readonly readBy: string;
  /** Not every key has a default: a configuration without the section is whole, an empty section is not. */
  readonly needsValues?: true;
  readonly schema: LoadSchema<z.ZodObject>;
}

/** Sections without an entry are reserved for rooms that do not exist yet. */
export const SECTIONS: Readonly<Partial<Record<ConfigSection, SectionEntry>>> = {
  server: {
    readBy: 'roc serve, roc migrate',
    schema: async () => (await import('./orchestrator/config.js')).serverConfigSchema,
  },
  runner: {
    readBy: 'roc runner',
    schema: async () => (await import('./runner/settings.js')).runnerSectionSchema,
  },
  client: {
    readBy: 'roc robots, deploy, jobs and the other client commands',
    schema: async () => (await import('./cli/client-section.js')).clientSectionSchema,
  },
  stack: {
    readBy: 'roc provision',
    needsValues: true,
    schema: async () => (await import('./stack/model.js')).stackConfigSchema,
  },
  bastion: {
    readBy: 'roc bastion',
    schema: async () => (await import('./bastion/model.js')).bastionConfigSchema,
  },
  vulns: {
    readBy: 'roc vulns report, roc vulns explain',
    schema: async () => (await import('./vulns/section.js')).vulnsSectionSchema,
  },
  backup: {
    readBy: 'roc backup',
    schema: async () => (await import('./backup/settings.js')).backupConfigSchema,
  },
  scale: {
    readBy: 'roc scale, roc status',
    schema: async () => (await import('./scale/section.js')).scaleSectionSchema,
  },
  posture: {
    readBy: 'roc posture check',
    schema: async () => (await import('./posture/section.js')).postureSectionSchema,
  },
};

interface PolicyEntry {
  readonly kind: string;
  /** File names (no folder) that hold such a policy. */
  readonly files: RegExp;
  readonly schema: LoadSchema<z.ZodType>;
}

/** The first entry whose pattern fits a file's name decides. */
export const POLICIES: readonly PolicyEntry[] = [
  {
    kind: 'backup',
    files: /^backup(-.+)?\.ya?ml$/,
    schema: async () => (await import('./backup/model.js')).backupPolicySchema,
  },
  {
    kind: 'scale',
    files: /^scale(-.+)?\.ya?ml$/,
    schema: async () => (await import('./scale/model.js')).scalePolicySchema,
  },
  {
    kind: 'stack',
    files: /^stack\.ya?ml$/,
    schema: async () => (await import('./stack/check/policy.js')).stackPolicySchema,
  },
  {
    kind: 'prices',
    files: /^prices\.ya?ml$/,
    schema: async () => (await import('./stack/cost/prices.js')).priceTableSchema,
  },
  {
    kind: 'posture',
    files: /^posture(-.+)?\.ya?ml$/,
    schema: async () => (await import('./posture/policy.js')).posturePolicySchema,
  },
  {
    kind: 'vulns',
    files: /^vulns\.ya?ml$/,
    schema: async () => (await import('./vulns/policy.js')).policySchema,
  },
  {
    kind: 'vulns-assets',
    files: /^(vulns-)?assets\.ya?ml$/,
    schema: async () => (await import('./vulns/policy.js')).assetsSchema,
  },
  {
    kind: 'vulns-suppressions',
    files: /^vulns-suppressions\.ya?ml$/,
    schema: async () => (await import('./vulns/policy.js')).suppressionsSchema,
  },
  {
    kind: 'vulns-table',
    files: /^vulns-.+\.ya?ml$/,
    schema: async () => (await import('./vulns/policy.js')).tableSchema,
  },
];
