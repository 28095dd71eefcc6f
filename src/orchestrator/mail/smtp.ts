/** Sends letters through an SMTP server; a password goes only over TLS, but on this very machine. */
import { createTransport } from 'nodemailer';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import type { ServerConfig } from '../config.js';
import { type Mail, NO_MAIL } from './mail.js';

export interface SmtpSettings {
  /** `smtp://[user@]host[:port]` (STARTTLS) or `smtps://…` (TLS from the start). */
  readonly url: string;
  readonly from: string;
  readonly password: string | null;
}

/** The configured mail server, or none. */
export function mailOf({ smtp }: Pick<ServerConfig, 'smtp'>): Mail {
  return smtp === undefined ? NO_MAIL : createSmtpMail({ ...smtp, password: smtp.password ?? null });
}

export function createSmtpMail({ url, from, password }: SmtpSettings): Mail {
  const { protocol, hostname, port, username } = new URL(url);
  const isLocal = /^(localhost|127\.|\[?::1)/.test(hostname);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isLocal,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: password ?? '' } }),
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: 20 * SECOND,
    // A letter is text that the server wrote: no file and no address is ever fetched for one.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    canSend: true,
    send: async ({ to, subject, text }) => {
      try {
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
      } catch (cause) {
        throw new RocError('ROC_UNREACHABLE', 'the mail could not be sent', {
          hint: 'Try again; if it stays, whoever runs the server finds the cause in its log.',
          cause,
        });
      }
    },
  };
}
