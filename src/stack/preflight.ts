/** What is looked at before a plan is made: the right account and region, a usable certificate, quotas, free names. */
import { isRocError, RocError } from '../kernel/errors.js';
import { type Caller, describeCaller } from './aws/caller.js';
import { describeCertificate, NAMES, QUOTAS, type QuotaRule, quotaValue } from './aws/preflight.js';
import type { Engine } from './engine.js';
import type { Blueprint, Template } from './template.js';

/**
 * Refuses the wrong account or region at once, before anything else is asked of AWS.
 * @throws RocError ROC_REFUSED
 */
export async function requirePlace(
  engine: Engine,
  blueprint: Pick<Blueprint, 'account' | 'region'>,
): Promise<Caller> {
  const { region } = engine.access.target;
  if (blueprint.region !== null && blueprint.region !== region) {
    throw new RocError('ROC_REFUSED', `this is ${region}, and the stack belongs to ${blueprint.region}`, {
      hint: `Pass --region ${blueprint.region}, or change stack.region in roc.yaml.`,
    });
  }
  const caller = await describeCaller(engine.access);
  if (blueprint.account !== null && blueprint.account !== caller.account) {
    throw new RocError(
      'ROC_REFUSED',
      `these credentials belong to account ${caller.account}, and the stack to ${blueprint.account}`,
      { hint: 'Pass --profile for the right account, or change stack.account in roc.yaml.' },
    );
  }
  return caller;
}

/**
 * What stands in the way of the template's new resources. A look that is not allowed is a warning, not a refusal.
 * @throws RocError ROC_INVALID_INPUT, ROC_REFUSED or ROC_CONFLICT, with all that was found in one message
 */
export async function preflight(
  engine: Engine,
  blueprint: Blueprint,
  deployed: Template | null,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const soft = async <T>(what: string, look: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look();
    } catch (error) {
      if (!isRocError(error) || mustStop(error.code)) throw error;
      warnings.push(`${what} could not be checked: ${error.message}`);
      return otherwise;
    }
  };
  const added = Object.entries(blueprint.template.Resources).filter(([id]) => !deployed?.Resources[id]);
  const [certificate, quotas, names] = await Promise.all([
    soft('the certificate', () => certificateFault(engine, blueprint), null),
    Promise.all(
      QUOTAS.map((rule) => {
        const wanted = added.filter(([, { Type }]) => Type === rule.type).length;
        return wanted === 0 ? null : soft(rule.what, () => quotaFault(engine, rule, wanted), null);
      }),
    ),
    Promise.all(
      added.map(([id, resource]) => {
        const rule = NAMES[resource.Type];
        const name = rule === undefined ? undefined : resource.Properties?.[rule.property];
        if (rule === undefined || typeof name !== 'string') return null;
        return soft(
          `the name ${name}`,
          async () => ((await rule.isTaken(engine.access, name)) ? `${id}: the name ${name} is taken` : null),
          null,
        );
      }),
    ),
  ]);
  refuse(certificate, present(quotas), present(names));
  return warnings;
}

// Not having been allowed to look is no reason to stop; having no connection or no credentials is.
function mustStop(code: RocError['code']): boolean {
  return ['ROC_CREDENTIALS_MISSING', 'ROC_UNREACHABLE', 'ROC_TIMEOUT', 'ROC_INTERRUPTED'].includes(code);
}

function refuse(certificate: string | null, quotas: readonly string[], names: readonly string[]): void {
  if (certificate !== null) {
    throw new RocError('ROC_INVALID_INPUT', certificate, {
      hint: 'Request or import it in ACM in this region, wait until it is issued, and name it in stack.domain.certificateArn.',
    });
  }
  if (quotas.length > 0) {
    throw new RocError('ROC_REFUSED', quotas.join('; '), {
      hint: 'Ask for more in Service Quotas, or remove what is not needed; nothing was changed.',
    });
  }
  if (names.length > 0) {
    throw new RocError('ROC_CONFLICT', names.join('; '), {
      hint: 'Take it into the stack with `roc provision import`, or give the stack another name; nothing was changed.',
    });
  }
}

async function certificateFault(engine: Engine, { certificateArn }: Blueprint): Promise<string | null> {
  if (certificateArn === null) return null;
  const { region } = engine.access.target;
  const [, , , itsRegion] = certificateArn.split(':');
  if (itsRegion !== region)
    return `the certificate ${certificateArn} is in ${itsRegion}, and the stack in ${region}`;
  const facts = await describeCertificate(engine.access, certificateArn);
  if (facts === null) return `there is no certificate ${certificateArn} in this account and region`;
  if (facts.status !== 'ISSUED') return `the certificate ${certificateArn} is ${facts.status}, not ISSUED`;
  if (facts.expiresAt !== null && Date.parse(facts.expiresAt) < engine.clock())
    return `the certificate ${certificateArn} ended on ${facts.expiresAt}`;
  return null;
}

async function quotaFault(engine: Engine, rule: QuotaRule, wanted: number): Promise<string | null> {
  const [limit, used] = await Promise.all([quotaValue(engine.access, rule), rule.used(engine.access)]);
  if (limit === null || used + wanted <= limit) return null;
  return `${rule.what}: ${wanted} more would make ${used + wanted}, and the quota is ${limit} (${rule.code})`;
}

function present<T>(values: readonly (T | null)[]): T[] {
  return values.filter((value) => value !== null);
}
