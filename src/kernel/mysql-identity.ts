/** Checks the TLS identity of a MySQL or MariaDB server against its real name, up to where signing in would begin. */
import type { Duplex } from 'node:stream';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { RocError } from './errors.js';

export interface ServerIdentity {
  readonly subject: string;
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly validTo: number;
  readonly protocol: string;
}

const CLIENT_SSL = 0x0800;
const PROTOCOL_41 = 0x0200;
const SECURE_CONNECTION = 0x8000;
const LIMIT = 10_000;

/**
 * Takes the server's greeting, asks for TLS (MySQL protocol, SSLRequest) and verifies the certificate for `name`.
 * `stream` is used up.
 * @param ca PEM text of the authorities; the system's own when absent
 * @throws RocError ROC_REFUSED (wrong identity or no TLS), ROC_TIMEOUT, ROC_UNREACHABLE
 */
export async function verifyMysqlServer(
  stream: Duplex,
  name: string,
  ca: string | undefined,
): Promise<ServerIdentity> {
  const timer = setTimeout(
    () =>
      stream.destroy(
        new RocError('ROC_TIMEOUT', `${name} did not answer in ${LIMIT / 1000} s`, {
          hint: 'Look with `roc bastion doctor --database ID`.',
        }),
      ),
    LIMIT,
  );
  try {
    const greeting = await readPacket(stream, name);
    if (!offersTls(greeting)) {
      throw new RocError('ROC_REFUSED', `${name} offers no TLS`, {
        hint: 'Turn TLS on in the server (require_secure_transport).',
      });
    }
    stream.write(sslRequest());
    return await verifyTls(stream, name, ca);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

function readPacket(stream: Duplex, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 4 || bytes.length < 4 + bytes.readUIntLE(0, 3)) return;
      stream.off('data', onData);
      stream.pause();
      resolve(bytes.subarray(4, 4 + bytes.readUIntLE(0, 3)));
    };
    stream.on('data', onData);
    stream.once('error', reject);
    stream.once('close', () =>
      reject(
        new RocError('ROC_UNREACHABLE', `${name} closed the connection without a greeting`, {
          hint: 'See that the server runs and lets this instance connect.',
        }),
      ),
    );
  });
}

/** Protocol version 10: the version text, 4 bytes of thread id, 8 of scramble, a zero, then the capabilities. */
function offersTls(greeting: Buffer): boolean {
  if (greeting[0] === 0xff) {
    const text = greeting.toString('utf8', 3).replace(/^#\w{5}/, '');
    throw new RocError('ROC_REFUSED', `the database refused the connection: ${text}`, {
      hint: 'Mend what it names.',
    });
  }
  const at = greeting.indexOf(0, 1) + 1 + 4 + 8 + 1;
  if (greeting[0] !== 10 || greeting.length < at + 2) {
    throw new RocError('ROC_REFUSED', 'what answers speaks no MySQL protocol', { hint: 'Check the port.' });
  }
  return (greeting.readUInt16LE(at) & CLIENT_SSL) !== 0;
}

function sslRequest(): Buffer {
  const packet = Buffer.alloc(4 + 32);
  packet.writeUIntLE(32, 0, 3);
  packet[3] = 1;
  packet.writeUInt32LE(CLIENT_SSL | PROTOCOL_41 | SECURE_CONNECTION, 4);
  packet.writeUInt32LE(0x0100_0000, 8);
  packet[12] = 45; // utf8mb4
  return packet;
}

function verifyTls(stream: Duplex, name: string, ca: string | undefined): Promise<ServerIdentity> {
  return new Promise((resolve, reject) => {
    const socket = connect({ socket: stream, servername: name, ...(ca === undefined ? {} : { ca }) });
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate(true);
      const protocol = socket.getProtocol() ?? '';
      socket.destroy();
      resolve(identityOf(certificate, protocol));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => reject(wrongIdentity(name, error, ca)));
  });
}

function identityOf(certificate: DetailedPeerCertificate, protocol: string): ServerIdentity {
  const nameOf = (value: { CN?: string | string[] } | undefined) => [value?.CN ?? []].flat().join(', ');
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validTo: Date.parse(certificate.valid_to),
    protocol,
  };
}

function wrongIdentity(name: string, error: NodeJS.ErrnoException, ca: string | undefined): Error {
  if (error instanceof RocError) return error;
  const isUnknown = /SELF_SIGNED|UNABLE_TO|CERT_SIGNATURE/.test(error.code ?? '');
  return new RocError('ROC_REFUSED', `the certificate of ${name} is not to be trusted: ${error.message}`, {
    hint:
      isUnknown && ca === undefined
        ? 'Pass --ca with the authorities of the database; for RDS that is global-bundle.pem from truststore.pki.rds.amazonaws.com.'
        : 'Do not sign in: what answers is not the server of that name.',
    cause: error,
  });
}
