import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class NodesDrain extends RocCommand<typeof NodesDrain> {
  static override summary = 'let a server hold no more polls and streams; runners move to the others';
  static override examples = ['<%= config.bin %> <%= command.id %> i-0123456789abcdef0'];
  static override args = {
    node: Args.string({ description: 'id of the node, or of its instance', required: true }),
  };

  async run(): Promise<unknown> {
    const { nodeId } = await import('../../src/cli/node-id.js');
    const api = await this.api();
    const id = await nodeId(api, this.args.node);
    const node = await api.call('nodes.drain', { params: { id } });
    this.log(`node ${node.instanceId ?? node.id} drains; it holds ${node.load.held} calls`);
    return node;
  }
}
