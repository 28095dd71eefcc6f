import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { linkLetter } from '../../../src/orchestrator/mail/letters.js';
import { createSmtpMail } from '../../../src/orchestrator/mail/smtp.js';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function mailServer(options: { refuses?: boolean; password?: string } = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...{
      disabledCommands: ['STARTTLS'],
      authOptional: options.password === undefined,
      allowInsecureAuth: true,
    },
    onAuth: ({ username, password }, _session, done) =>
      password === options.password ? done(null, { user: username }) : done(new Error('refused')),
    onRcptTo: (_address, _session, done) =>
      done(options.refuses ? new Error('550 no such mailbox') : undefined),
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        received.push({
          from,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(pieces).toString(),
        });
        done();
      });
    },
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return { port: (server.server.address() as AddressInfo).port, received };
}

const LETTER = linkLetter({
  ...{ kind: 'invite', to: 'ana@example.com', tenant: 'default', baseUrl: 'https://roc.example' },
  ...{ token: 'rocl_secret', expiresAt: '2026-05-01T00:00:00.000Z' },
});
const from = 'roc <roc@example.com>';

describe('letters through SMTP', () => {
  it('arrive whole, at one address', async () => {
    const { port, received } = await mailServer();
    await createSmtpMail({ url: `smtp://127.0.0.1:${port}`, from, password: null }).send(LETTER);
    expect(received).toMatchObject([{ from: 'roc@example.com', to: ['ana@example.com'] }]);
    const text = received[0]?.text.replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? '';
    expect(text).toContain('https://roc.example/account?token=rocl_secret');
    expect(text).toContain('Subject: Invitation to roc');
  });

  it('carry no header and no second address that an address smuggles in', async () => {
    const { port, received } = await mailServer();
    const mail = createSmtpMail({ url: `smtp://127.0.0.1:${port}`, from, password: null });
    for (const to of [
      'a@x\r\nBcc: eve@evil.example',
      'a@x, eve@evil.example',
      'a@x>\r\nRCPT TO:<eve@evil.example',
    ]) {
      await mail.send({ ...LETTER, to }).catch(() => undefined);
    }
    for (const { to, text } of received) {
      expect(to.join()).not.toMatch(/^eve@evil\.example$/);
      expect(to).toHaveLength(1);
      expect(text).not.toMatch(/^Bcc:/m);
    }
  });

  it('sign in with the password that is configured', async () => {
    const { port, received } = await mailServer({ password: 'right' });
    const url = `smtp://roc@127.0.0.1:${port}`;
    await createSmtpMail({ url, from, password: 'right' }).send(LETTER);
    await expect(createSmtpMail({ url, from, password: 'wrong' }).send(LETTER)).rejects.toMatchObject({
      code: 'ROC_UNREACHABLE',
    });
    expect(received).toHaveLength(1);
  });

  it('that cannot be sent are told so, without what the mail server said', async () => {
    const refusing = await mailServer({ refuses: true });
    for (const url of [`smtp://127.0.0.1:${refusing.port}`, 'smtp://127.0.0.1:1']) {
      const sent = createSmtpMail({ url, from, password: null }).send(LETTER);
      await expect(sent).rejects.toMatchObject({
        code: 'ROC_UNREACHABLE',
        message: 'the mail could not be sent',
      });
    }
  });
});
