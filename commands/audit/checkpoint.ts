import { RocCommand } from '../../src/cli/command.js';

export default class AuditCheckpoint extends RocCommand<typeof AuditCheckpoint> {
  static override summary = 'print a signed checkpoint of this moment, to be kept out of reach of the server';
  static override examples = ['<%= config.bin %> <%= command.id %> > /media/usb/checkpoint.json'];

  async run(): Promise<unknown> {
    const api = await this.api();
    const checkpoint = await api.call('audit.checkpoint');
    this.log(JSON.stringify(checkpoint));
    return checkpoint;
  }
}
