/** The flags of every AWS command. */
import { Flags } from '@oclif/core';

export const awsFlags = {
  profile: Flags.string({ summary: 'AWS profile', helpGroup: 'AWS', helpValue: 'NAME' }),
  region: Flags.string({
    summary: 'AWS region; AWS_REGION by default',
    helpGroup: 'AWS',
    helpValue: 'REGION',
  }),
  'endpoint-url': Flags.string({
    summary: 'another endpoint for every AWS service; AWS_ENDPOINT_URL by default',
    helpGroup: 'AWS',
    helpValue: 'URL',
  }),
};
