/** Whether people may come in through an identity provider at all. */
import { RocError } from '../../kernel/errors.js';
import type { Sso } from '../sso/sso.js';

/** @throws RocError ROC_PRECONDITION_FAILED */
export function requireSso(sso: Sso | null): Sso {
  if (sso !== null) return sso;
  throw new RocError('ROC_PRECONDITION_FAILED', 'this server has no identity provider', {
    hint: 'Sign in with e-mail and password, or set server.oidc in roc.yaml.',
  });
}
