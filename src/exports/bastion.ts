/** `import … from 'roc/bastion'`: tunnels and commands over AWS Systems Manager. */
export { type Bastion, type BastionOptions, createBastion } from '../bastion/library.js';
export type { OpenTunnel, Tunnel, TunnelRequest } from '../kernel/tunnel.js';
