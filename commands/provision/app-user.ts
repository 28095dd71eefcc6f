import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionAppUser extends RocCommand<typeof ProvisionAppUser> {
  static override summary = 'give the orchestrator a user of its own in the database';
  static override description =
    'The host of the duties runs this by itself. It reads two secrets: the master, whose right it uses, and the application, whose user it makes. It may be run again at any time.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --host db.internal --master-secret arn:aws:… --app-secret arn:aws:…',
  ];
  static override flags = {
    ...provisionFlags,
    host: Flags.string({ summary: 'the database', helpValue: 'NAME', required: true }),
    port: Flags.integer({ summary: 'its port', min: 1, max: 65_535, default: 3306 }),
    database: Flags.string({ summary: 'its schema', default: 'roc' }),
    'master-secret': Flags.string({ summary: 'secret of the master', helpValue: 'ARN', required: true }),
    'app-secret': Flags.string({ summary: 'secret of the application', helpValue: 'ARN', required: true }),
    ca: Flags.string({ summary: 'authorities (PEM) that sign its certificate', helpValue: 'FILE' }),
  };

  async run(): Promise<unknown> {
    const { resolveAwsTarget } = await import('../../src/kernel/aws.js');
    const { awsAccess } = await import('../../src/stack/aws/access.js');
    const { readLogin } = await import('../../src/stack/aws/secrets.js');
    const { makeAppUser } = await import('../../src/stack/app-user.js');
    const { flags } = this;
    const access = awsAccess(resolveAwsTarget(flags, process.env));
    const [master, app] = await Promise.all([
      readLogin(access, flags['master-secret']),
      readLogin(access, flags['app-secret']),
    ]);
    const { host, port, database, ca } = flags;
    const result = await makeAppUser({ host, port, database, ca, master, app });
    this.log(`${result.action}: ${result.user}, with ${result.grants.join(', ')} on ${result.database}`);
    return result;
  }
}
