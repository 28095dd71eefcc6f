/** The region that a profile of the AWS configuration file names, as every AWS tool reads it. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The `region` of `[profile NAME]` (`[default]` for the default one) in `AWS_CONFIG_FILE` or `~/.aws/config`.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function profileRegion(profile: string, env: Env): string | undefined {
  const file = env['AWS_CONFIG_FILE'] || join(env['HOME'] || homedir(), '.aws', 'config');
  try {
    return regionIn(readFileSync(file, 'utf8'), profile);
  } catch {
    return undefined;
  }
}

function regionIn(text: string, profile: string): string | undefined {
  const wanted = profile === 'default' ? ['default', 'profile default'] : [`profile ${profile}`];
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(.+?)\s*\]/.exec(line)?.[1];
    if (section !== undefined)
      isInside = wanted.includes(section.replace(/\s+/g, ' ').replaceAll(/["']/g, ''));
    // A line that is indented belongs to a nested setting (`s3 =`), not to the profile.
    const region = /^region\s*=\s*([^\s#;]+)/.exec(line)?.[1];
    if (isInside && region !== undefined) return region;
  }
  return undefined;
}
