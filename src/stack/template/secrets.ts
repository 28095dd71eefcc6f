/** Secrets that the orchestrator needs: made random by AWS, or empty until the first start fills them. */
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Context } from './context.js';

export interface Secrets {
  /** `{"username","password"}` of the application's user; the one-time step gives it to the database. */
  readonly appUserArn: string;
  /** The keys that sign tokens, shared by all nodes. */
  readonly signingKeysArn: string;
  /** `{"email","password"}` of the first owner. */
  readonly adminArn: string;
  /** An API key with which the duties speak to the orchestrator; empty until somebody puts one in. */
  readonly opsKeyArn: string;
}

export function buildSecrets(context: Context, dataKeyArn: string): Secrets {
  const generated = (id: string, about: string, template: object) =>
    new CfnSecret(context.stack, id, {
      description: `${context.name}: ${about}`,
      kmsKeyId: dataKeyArn,
      generateSecretString: {
        secretStringTemplate: JSON.stringify(template),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
    }).ref;
  const empty = (id: string, about: string) =>
    new CfnSecret(context.stack, id, { description: `${context.name}: ${about}`, kmsKeyId: dataKeyArn }).ref;
  return {
    appUserArn: generated('AppUserSecret', 'the user of the database that roc serves with', {
      username: 'roc',
    }),
    adminArn: generated('AdminSecret', 'the first owner, to be changed at first sign-in', {
      email: 'admin@localhost',
    }),
    signingKeysArn: empty(
      'SigningKeysSecret',
      'keys that sign tokens, written by the first node that starts',
    ),
    opsKeyArn: empty('OpsKeySecret', 'API key of the duties, made by roc keys create'),
  };
}
