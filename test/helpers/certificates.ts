/** A certificate authority and a server certificate for one test, made by openssl. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Writes ca.pem, server.pem and server.key into `dir`; the certificate names localhost, 127.0.0.1 and `names`.
 * @param authority one that was made before, to sign with instead of a new one; its key is beside it
 */
export function makeCertificates(
  dir: string,
  names: readonly string[] = [],
  authority?: Pick<Certificates, 'caFile'>,
): Certificates {
  const file = (name: string) => join(dir, name);
  const caFile = authority?.caFile ?? file('ca.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  if (authority === undefined) makeAuthority(key, file);
  const alternatives = ['DNS:localhost', 'IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
  openssl(
    'req',
    '-x509',
    ...key,
    ...['-CA', caFile, '-CAkey', caFile.replace(/pem$/, 'key'), '-subj', '/CN=roc test server'],
    ...['-addext', `subjectAltName=${alternatives}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', file('server.key'), '-out', file('server.pem')],
  );
  return { caFile, certFile: file('server.pem'), keyFile: file('server.key') };
}

function makeAuthority(key: readonly string[], file: (name: string) => string): void {
  const subject = ['-subj', '/CN=roc test CA'];
  openssl('req', '-x509', ...key, ...subject, '-keyout', file('ca.key'), '-out', file('ca.pem'));
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}
