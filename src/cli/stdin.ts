/** What is piped into a command: bounded, as text. */
import { RocError } from '../kernel/errors.js';

/** @throws RocError ROC_TOO_LARGE over `maxBytes` */
export async function readStdin(maxBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin) {
    const bytes = Buffer.from(piece as Uint8Array);
    size += bytes.length;
    if (size > maxBytes) {
      throw new RocError('ROC_TOO_LARGE', `standard input is larger than ${maxBytes} bytes`, {
        hint: 'Pipe in less.',
      });
    }
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** A secret that was piped in: the text without the line end that `echo` adds. */
export async function readSecretFromStdin(): Promise<string> {
  const secret = (await readStdin(4096)).replace(/\r?\n$/, '');
  if (secret === '') {
    throw new RocError('ROC_USAGE', 'standard input is empty, a password was expected', {
      hint: 'Pipe it in, for example `roc login … --password-stdin < password.txt`.',
    });
  }
  return secret;
}
