// Asks the server of this container whether its process answers; ends with 1 where it does not.
import { request } from 'node:https';

const [, address, port] = /^(.*):(\d+)$/.exec(process.env.ROC_SERVER__LISTEN ?? '') ?? [null, '', '8443'];
const host = ['', '0.0.0.0', '[::]'].includes(address) ? '127.0.0.1' : address;
// The certificate is the container's own, and the way does not leave it.
const options = { host, port: Number(port), path: '/healthz', rejectUnauthorized: false, timeout: 4000 };

request(options, (reply) => {
  process.exitCode = reply.statusCode === 200 ? 0 : 1;
  reply.resume();
})
  .on('timeout', function onTimeout() {
    this.destroy(new Error('timeout'));
  })
  .on('error', () => {
    process.exitCode = 1;
  })
  .end();
