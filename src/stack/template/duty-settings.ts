/** What the duties are told, as parameters that the host fetches before each run: a change of them needs no new host. */
import { basename } from 'node:path';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Fn } from 'aws-cdk-lib/core';
import type { Context } from './context.js';
import type { OpsNeeds } from './ops.js';

/** An advanced parameter holds 8 KiB; some room is left for what tokens become. */
const PART_BYTES = 7_000;

/** Below it each file is `NAME/PART`, parts counted from 1. */
export function settingsPath({ name }: Context): string {
  return `/roc/${name}/duties`;
}

/** Returns the logical ids. */
export function buildDutySettings(context: Context, needs: OpsNeeds): string[] {
  const parameter = (file: string, part: number, value: string) => {
    const id = `Duties${pascal(file)}${part}`;
    new CfnParameter(context.stack, id, {
      name: `${settingsPath(context)}/${file}/${part}`,
      type: 'String',
      tier: 'Intelligent-Tiering',
      description: `${context.name}: ${file} of the duties`,
      value,
    });
    return id;
  };
  const files = Object.entries(context.facts.files).flatMap(([file, text]) =>
    inParts(text).map((part, index) => parameter(file, index + 1, part)),
  );
  return [parameter('roc.yaml', 1, rocYaml(context, needs)), ...files];
}

/** JSON is YAML, too. */
function rocYaml({ stack, settings, name }: Context, { storage, dataKeyArn, evidenceKeyArn }: OpsNeeds) {
  const { backup, vulns, scale } = settings.ops;
  const named = (key: string, file: string | undefined) =>
    file === undefined ? {} : { [key]: basename(file) };
  return stack.toJsonString({
    bastion: { document: `${name}-session` },
    // Where a drill finds the robots that a restored database names.
    server: {
      blobs: Fn.join('', ['s3://', storage.robots.name, '/robots']),
      kms: Fn.join('', ['aws-kms:', dataKeyArn]),
    },
    backup: {
      ...named('policy', backup.policy),
      bucket: storage.robots.name,
      sign: Fn.join('', ['aws-kms:', evidenceKeyArn]),
      ca: '/app/rds-ca.pem',
      via: 'direct',
      owner: `${name}-ops`,
    },
    vulns: {
      ...named('policy', vulns.policy),
      ...named('assets', vulns.assets),
      suppressions: vulns.suppressions.map((file) => basename(file)),
      failOn: vulns.failOn,
      live: 'ecr,inspector,guardduty,securityhub',
      feeds: '.roc/feeds',
      store: '.roc/vulns',
    },
    ...(scale.policy === undefined ? {} : { scale: { policy: basename(scale.policy) } }),
  });
}

/** Cut between characters, never inside one. */
function inParts(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (bytes + size > PART_BYTES) {
      parts.push(part);
      [part, bytes] = ['', 0];
    }
    part += character;
    bytes += size;
  }
  return [...parts, part];
}

function pascal(file: string): string {
  return file
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
