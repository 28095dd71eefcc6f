/** The database: parameters that fit its engine and demand TLS, and no secret written into the template. */
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, ofType, refersTo } from './read.js';

const PARAMETERS = 'AWS::RDS::DBParameterGroup';
const INSTANCE = 'AWS::RDS::DBInstance';

/** A family that is not the engine's: AWS refuses it in the middle of a deployment, and validators do not see it. */
export function parameterFamily({ template }: CheckInput): string[] {
  const families = new Map(ofType(template, PARAMETERS).map(([id, group]) => [id, group['Family']]));
  return breaking(ofType(template, INSTANCE), (database) => {
    const series = String(database['EngineVersion'] ?? '')
      .split('.')
      .slice(0, 2)
      .join('.');
    const [group = ''] = refersTo(database['DBParameterGroupName']);
    return families.get(group) !== `${String(database['Engine'])}${series}`;
  });
}

export function tlsToDatabase({ template }: CheckInput): string[] {
  return breaking(ofType(template, PARAMETERS), (group) => {
    const parameters = asRecord(group['Parameters']);
    const versions = String(parameters['tls_version'] ?? '').split(',');
    const isModern = versions.every((version) => ['TLSv1.2', 'TLSv1.3'].includes(version));
    return !/^(ON|1)$/i.test(String(parameters['require_secure_transport'])) || !isModern;
  });
}

const SECRET_KEY = /(password|secret|token|apikey|privatekey)$/i;

/** A password, key or token as text. References are fine, and so are names and ARNs of secrets. */
export function writtenSecrets({ template }: CheckInput): string[] {
  return breaking(Object.entries(template.Resources), ({ Properties, Type }) =>
    Type === 'AWS::SecretsManager::Secret'
      ? typeof asRecord(Properties)['SecretString'] === 'string'
      : holdsSecret(Properties),
  );
}

function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b/.test(value);
  if (Array.isArray(value)) return value.some(holdsSecret) || value.some(isSecretPair);
  return Object.entries(asRecord(value)).some(
    ([key, inner]) =>
      (SECRET_KEY.test(key) && typeof inner === 'string' && inner !== '') || holdsSecret(inner),
  );
}

// Environment variables of a container are pairs.
function isSecretPair(pair: unknown): boolean {
  const { Name, Value } = asRecord(pair) as { Name?: unknown; Value?: unknown };
  return typeof Name === 'string' && SECRET_KEY.test(Name) && typeof Value === 'string';
}
