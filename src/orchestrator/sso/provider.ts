/** The identity provider as roc uses it: authorization code with PKCE, state and nonce (RFC 9700 §2.1.1). */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
} from 'openid-client';
import { RocError } from '../../kernel/errors.js';
import { readSecret } from '../secrets/aws.js';
import type { OidcSettings } from './settings.js';

export interface ProviderSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says has signed in. */
export interface ProviderUser {
  readonly issuer: string;
  readonly subject: string;
  /** Null where the provider does not vouch for it. */
  readonly email: string | null;
  readonly groups: readonly string[];
}

export interface Provider {
  /** Where a browser goes to sign in. @throws RocError ROC_UNREACHABLE */
  signInUrl(secrets: ProviderSecrets, redirectUri: string): Promise<string>;
  /** @throws RocError ROC_UNAUTHENTICATED for any answer that is not one to this very question */
  userOf(callbackUrl: URL, secrets: ProviderSecrets): Promise<ProviderUser>;
}

const SECRET = 'secretsmanager:';

export function createProvider(settings: OidcSettings, env: NodeJS.ProcessEnv): Provider {
  let known: Promise<Configuration> | undefined;
  const configuration = () => {
    // A provider that was away is asked again, and one that answered is not.
    known ??= discover(settings, env).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    signInUrl: async ({ state, nonce, verifier }, redirectUri) => {
      const url = buildAuthorizationUrl(await configuration(), {
        ...{ redirect_uri: redirectUri, scope: settings.scopes.join(' '), state, nonce },
        ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      });
      return url.href;
    },
    userOf: async (callbackUrl, { state, nonce, verifier }) => {
      const config = await configuration();
      try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
        const tokens = await authorizationCodeGrant(config, callbackUrl, {
          ...checks,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new TypeError('no ID token');
        const { email, email_verified } = claims;
        return {
          issuer: claims.iss,
          subject: claims.sub,
          email: typeof email === 'string' && email_verified === true ? email : null,
          groups: textsOf(claims[settings.groupsClaim]),
        };
      } catch (cause) {
        throw new RocError('ROC_UNAUTHENTICATED', 'the identity provider did not sign you in', {
          hint: 'Begin again with `roc login --sso`.',
          cause,
        });
      }
    },
  };
}

async function discover(settings: OidcSettings, env: NodeJS.ProcessEnv): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = settings;
  const secret = clientSecret?.startsWith(SECRET)
    ? await readSecret(clientSecret.slice(SECRET.length), env)
    : clientSecret;
  const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
  try {
    return await discovery(new URL(issuer), clientId, secret, undefined, { execute });
  } catch (cause) {
    throw new RocError('ROC_UNREACHABLE', 'the identity provider does not answer', {
      hint: 'Try again; if it stays, whoever runs the server checks server.oidc.issuer.',
      cause,
    });
  }
}

function textsOf(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.filter((one): one is string => typeof one === 'string') : [];
}
