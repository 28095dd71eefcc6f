import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';
import { interruptible } from '../src/cli/interrupt.js';

export default class Serve extends RocCommand<typeof Serve> {
  static override summary = 'run the orchestrator server';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listen 0.0.0.0:7070 --tls-cert cert.pem --tls-key key.pem',
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/roc --with-runner',
  ];

  static override flags = {
    listen: Flags.string({ summary: 'address and port (127.0.0.1:7070)', helpValue: 'HOST:PORT' }),
    'data-dir': Flags.string({ summary: 'folder of an embedded server (.roc)', helpValue: 'DIR' }),
    database: Flags.string({ summary: 'sqlite:PATH or mysql://user@host/database', helpValue: 'URL' }),
    blobs: Flags.string({ summary: 'where packages lie: file:PATH or s3://BUCKET/PREFIX', helpValue: 'URL' }),
    kms: Flags.string({ summary: 'master key: local:PATH or aws-kms:KEY_ARN', helpValue: 'URL' }),
    'signing-keys': Flags.string({ summary: 'keys that sign tokens: file:PATH', helpValue: 'URL' }),
    'tls-cert': Flags.string({
      summary: 'certificate chain (PEM)',
      helpValue: 'FILE',
      dependsOn: ['tls-key'],
    }),
    'tls-key': Flags.string({
      summary: 'key of the certificate',
      helpValue: 'FILE',
      dependsOn: ['tls-cert'],
    }),
    'public-url': Flags.string({ summary: 'how others reach this server', helpValue: 'URL' }),
    'with-runner': Flags.boolean({ summary: 'start a runner beside the server', allowNo: true }),
  };

  async run(): Promise<undefined> {
    const { readSection } = await import('../src/kernel/config.js');
    const { serverConfigSchema, serverFlags } = await import('../src/orchestrator/config.js');
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, serverFlags(this.flags));
    const { createServerLog } = await import('../src/orchestrator/server-log.js');
    const { adminWishOf } = await import('../src/orchestrator/first-admin.js');
    const { serve } = await import('../src/orchestrator/serve.js');
    const { signal, dispose } = interruptible();
    const [{ root, version }, { env }] = [this.config, process];
    const log = createServerLog(config.logLevel);
    const admin = adminWishOf(env);
    const server = await serve({ config, admin, root, version, env, log, signal });
    if (server === null) return;
    if (server.adminNotice !== null) process.stderr.write(`${server.adminNotice}\n`);
    if (this.jsonEnabled()) this.logJsonLine({ event: 'listening', url: server.url });
    else this.log(`roc listens on ${server.url}`);
    if (!signal.aborted) await once(signal, 'abort');
    await server.stop();
    dispose();
  }
}
