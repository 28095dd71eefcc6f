/** What the server writes to people. Nothing that a stranger chose stands in a letter but names of the contract's form. */
import type { Letter } from './mail.js';

export type LinkKind = 'invite' | 'password' | 'second-factor';

export interface LinkLetter {
  readonly kind: LinkKind;
  readonly to: string;
  readonly tenant: string | null;
  readonly baseUrl: string;
  readonly token: string;
  readonly expiresAt: string;
}

const WORDS: Readonly<Record<LinkKind, { subject: string; why: string; ignore: string }>> = {
  invite: {
    subject: 'Invitation to roc',
    why: 'You are invited to roc',
    ignore: 'If you expected no invitation, do nothing: without you it comes to nothing.',
  },
  password: {
    subject: 'A new password for roc',
    why: 'Somebody, you we hope, asked for a new password for your account at roc',
    ignore: 'If it was not you, do nothing: your password stays as it is.',
  },
  'second-factor': {
    subject: 'Your second factor at roc',
    why: 'Somebody, you we hope, has lost the second factor of your account at roc',
    ignore: 'If it was not you, do nothing, and choose another password: somebody may know yours.',
  },
};

export function linkLetter({ kind, to, tenant, baseUrl, token, expiresAt }: LinkLetter): Letter {
  const { subject, why, ignore } = WORDS[kind];
  const where = tenant === null ? '' : `, tenant ${tenant}`;
  const text = `${why}${where} (${baseUrl}).

Open this link, good for one use until ${expiresAt}:

  ${linkUrl(baseUrl, token)}

or run: roc users accept --url ${baseUrl}
and enter: ${token}

${ignore}
`;
  return { to, subject, text };
}

/** The token stands behind the `?`, where the server's own log leaves it out; a look at the page does not use it up. */
function linkUrl(baseUrl: string, token: string): string {
  return `${baseUrl.replace(/\/$/, '')}/account?token=${encodeURIComponent(token)}`;
}
