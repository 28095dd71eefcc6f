/** What a runner tells of its host. */
import { RocError } from '../kernel/errors.js';
import type { ParsedBodyOf } from '../protocol/contracts.js';

export type HostFacts = Pick<ParsedBodyOf<'runner.session'>, 'os' | 'arch' | 'version' | 'labels' | 'slots'>;

const SYSTEMS: Partial<Record<NodeJS.Platform, HostFacts['os']>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};

/** @throws RocError ROC_USAGE on a system that no robot can name */
export function hostFacts(
  options: {
    readonly version: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly slots: number;
  },
  platform: NodeJS.Platform = process.platform,
): HostFacts {
  const os = SYSTEMS[platform];
  if (os === undefined)
    throw new RocError('ROC_USAGE', `no robot runs on ${platform}`, {
      hint: 'Run the runner on Linux, macOS or Windows.',
    });
  return {
    os,
    arch: process.arch,
    version: options.version,
    labels: { ...options.labels },
    slots: options.slots,
  };
}
