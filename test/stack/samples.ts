/** Configurations that tests stand on: every profile, as a person would write it. */
import { type StackFacts, unknownFacts } from '../../src/stack/facts.js';
import { stackConfigSchema } from '../../src/stack/model.js';
import { type StackSettings, settle } from '../../src/stack/settings.js';
import { type Synthesis, synthesise } from '../../src/stack/synthesise.js';
import type { Template } from '../../src/stack/template.js';

const BASE = {
  corporateCidrs: ['203.0.113.0/24', '198.51.100.0/24'],
  domain: { name: 'roc.example.com', zoneId: 'Z0123456789ABC' },
};

export const PROFILES = {
  prod: {},
  staging: { env: 'staging' },
  dev: { env: 'dev' },
  ecs: { compute: 'ecs' },
  public: {
    exposure: 'public',
    corporateCidrs: [],
    egress: { mode: 'both', domains: ['login.microsoftonline.com'], needs: ['oidc'] },
    waf: { blockFindings: true },
    backup: { copyRegion: 'eu-central-1' },
    alarms: { emails: ['oncall@example.com'] },
  },
  internal: { exposure: 'internal', bastion: { database: false } },
} as const satisfies Record<string, object>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

export const VERSION = '1.2.3';
/** A day on which every shipped waiver and engine is in force. */
export const NOW = Date.parse('2026-11-22T00:00:00Z');

export function factsOf(region = 'eu-west-1'): StackFacts {
  return {
    ...unknownFacts(region),
    zones: [`${region}a`, `${region}b`],
    images: { arm64: 'ami-0123456789abcdef0', x86_64: 'ami-0fedcba9876543210' },
    s3PrefixListId: 'pl-6da54004',
    hasImage: true,
    files: { drills: 'rds-mysql roc-database\ns3 robots\n' },
  };
}

export function configOf(profile: ProfileName, extra: object = {}) {
  return stackConfigSchema.parse({ ...BASE, ...PROFILES[profile], ...extra });
}

export function settingsOf(profile: ProfileName, extra: object = {}): StackSettings {
  return settle(configOf(profile, extra), VERSION);
}

const made = new Map<string, Promise<Synthesis>>();

/** Synthesised once a process for each profile and region. */
export function synthesisFor(profile: ProfileName, region = 'eu-west-1'): Promise<Synthesis> {
  const key = `${profile} ${region}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const fresh = synthesise({ config: configOf(profile), facts: factsOf(region), version: VERSION });
  made.set(key, fresh);
  return fresh;
}

export async function templateFor(profile: ProfileName): Promise<Template> {
  return (await synthesisFor(profile)).blueprint.template;
}
