/** `import … from 'roc'`: what every library user needs, errors first. */
export { codeFromHttpStatus, ERROR_CODES, type ErrorCode, isRocError, RocError } from '../kernel/errors.js';
export type { StackOutputs } from '../kernel/stack-outputs.js';
export type { OpenTunnel, Tunnel, TunnelRequest } from '../kernel/tunnel.js';
