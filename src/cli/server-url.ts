/** A server's address as people write it, as the one origin that requests and sessions are bound to. */
import { RocError } from '../kernel/errors.js';

/**
 * Reads `https://host[:port]`, with or without a slash at the end.
 * @param source where it was written, for the error
 * @throws RocError ROC_USAGE
 */
export function parseServerUrl(text: string, source: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  const problem = url === null ? 'is no URL' : problemOf(url);
  if (url === null || problem !== null) {
    throw new RocError('ROC_USAGE', `${source} ${problem}`, {
      hint: 'Write scheme, host and port, for example https://roc.example.com or http://127.0.0.1:7070.',
    });
  }
  return url.origin;
}

/** Whether a password or token would cross a network in the clear. */
export function isUnprotected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function problemOf(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http:// nor https://';
  if (url.username !== '' || url.password !== '') return 'must hold no user name or password';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must end after host and port';
  return null;
}
