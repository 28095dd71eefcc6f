/** Flags of commands that work beside a server, on its own configuration. */
import { Flags } from '@oclif/core';

export const signingKeyFlags = {
  'data-dir': Flags.string({ summary: 'folder of an embedded server (.roc)', helpValue: 'DIR' }),
  'signing-keys': Flags.string({ summary: 'file:PATH or secretsmanager:ARN', helpValue: 'URL' }),
};
