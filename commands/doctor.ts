import { Flags } from '@oclif/core';
import { awsFlags } from '../src/cli/aws-flags.js';
import { RocCommand } from '../src/cli/command.js';
import type { AwsFlags } from '../src/kernel/aws.js';
import type { Config } from '../src/kernel/config.js';

export default class Doctor extends RocCommand<typeof Doctor> {
  static override summary = 'say what is missing or wrong on this host, with a fix for each';
  static override description =
    'Looks at Node, configuration, session, AWS credentials and region, the server and its clock, and the data folder of a server here. Exits 3 when a check fails.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --online --region eu-west-1',
  ];
  static override flags = {
    online: Flags.boolean({ summary: 'also ask AWS whose credentials these are' }),
    ...awsFlags,
  };

  async run(): Promise<unknown> {
    const { examine } = await import('../src/cli/doctor/examine.js');
    const { gatherIdentity } = await import('../src/cli/aws/identity.js');
    const { SECTIONS } = await import('../src/registry.js');
    const { flags } = this;
    const checks = await examine({
      node: process.versions.node,
      load: { cwd: process.cwd(), env: withFlags(flags), file: flags.config },
      sections: SECTIONS,
      places: dataPlaces,
      identity: flags.online ? () => gatherIdentity(flags, process.env) : null,
    });
    await this.table(
      checks,
      [
        { title: 'check', value: ({ id }) => id },
        { title: 'verdict', value: ({ verdict }) => verdict },
        { title: 'evidence', value: ({ evidence }) => evidence, shrink: true },
      ],
      '',
    );
    const todo = checks.filter(({ verdict, fix }) => fix !== null && verdict !== 'skipped');
    if (todo.length > 0) this.log();
    for (const { id, fix } of todo) this.log(`${id}: ${fix}`);
    if (checks.some(({ verdict }) => verdict === 'fail')) this.endWith(3);
    return { checks };
  }
}

async function dataPlaces(config: Config) {
  const { readSection } = await import('../src/kernel/config.js');
  const { placesOf, serverConfigSchema } = await import('../src/orchestrator/config.js');
  const section = readSection(config, 'server', serverConfigSchema);
  const { blobs, kms, ...places } = placesOf(section);
  const blobsDir = blobs.kind === 'disk' ? blobs.root : null;
  return { ...places, dataDir: section.dataDir, blobsDir, masterKey: kms.kind === 'local' ? kms.path : null };
}

function withFlags({ profile, region }: AwsFlags): NodeJS.ProcessEnv {
  return { ...process.env, ...(profile && { AWS_PROFILE: profile }), ...(region && { AWS_REGION: region }) };
}
