/** The first thing that went wrong among the many that AWS reports after it, and what to do about it. */

export interface FailedEvent {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
  readonly isStack: boolean;
}

export interface RootCause {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
  readonly advice: string;
}

// Resources that were being made while another failed are cancelled; a rollback that fails is what came after.
const CONSEQUENCE =
  /(Resource (creation|update|deletion) (cancelled|initiated)|^Rollback requested|following resource\(s\) failed)/i;

/** Events of one operation, oldest first; null where nothing failed. */
export function rootCause(events: readonly FailedEvent[]): RootCause | null {
  const failed = events.filter(({ status }) => /_FAILED$/.test(status));
  const own = failed.filter(({ reason, isStack }) => !isStack && !CONSEQUENCE.test(reason ?? ''));
  const first = own[0] ?? failed.find(({ isStack }) => !isStack) ?? failed[0];
  if (first === undefined) return null;
  const reason = first.reason ?? 'AWS gave no reason';
  return { logicalId: first.logicalId, type: first.type, reason: plain(reason), advice: adviceFor(reason) };
}

// AWS wraps the words of the service: `Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`.
function plain(reason: string): string {
  return reason
    .replace(/^Resource handler returned message: "([\s\S]*)" \(RequestToken: [^)]*\)$/, '$1')
    .replace(/ ?\((Service|SDK Attempt)[^)]*\)/g, '')
    .trim();
}

function adviceFor(reason: string): string {
  return (
    ADVICE.find(({ says }) => says.test(reason))?.advice ?? 'Correct the cause named above and plan again.'
  );
}

const ADVICE: readonly { says: RegExp; advice: string }[] = [
  {
    says: /already exists|AlreadyExists|HandlerErrorCode: AlreadyExists/i,
    advice:
      'Something of that name is there already: import it with `roc provision import`, remove it, or give the stack another name.',
  },
  {
    says: /not authorized|AccessDenied|access denied|HandlerErrorCode: AccessDenied|UnauthorizedOperation/i,
    advice:
      'The credentials lack a permission: `roc iam policy provision` prints the policy that has all of them.',
  },
  {
    says: /limit|quota|ServiceLimitExceeded|VcpuLimit|AddressLimitExceeded/i,
    advice: 'A quota of the account is used up: raise it in Service Quotas, or free what is not needed.',
  },
  {
    says: /InsufficientInstanceCapacity|InsufficientDBInstanceCapacity|not have sufficient capacity|Insufficient.*Capacity/i,
    advice: 'AWS has no such machine free in that zone: try again later, or choose another class.',
  },
  {
    says: /certificate/i,
    advice: 'Check the certificate: it must be issued, in this region, and cover the name.',
  },
  {
    says: /did not stabilize|NotStabilized|timed? ?out|exceeded attempts/i,
    advice:
      'It took longer than AWS waits: look at the resource itself (its log, its health check), then plan again.',
  },
  {
    says: /Received \d+ (FAILURE|SUCCESS) signal|health check/i,
    advice: 'The instances did not become healthy: read the orchestrator log group, then plan again.',
  },
  {
    says: /deletion ?protect|Cannot delete protected/i,
    advice: 'The resource is protected from deletion: take the protection off on purpose if it must go.',
  },
  {
    says: /has (dependencies|a dependent object)|DependencyViolation|not empty/i,
    advice: 'Something outside the stack still uses it: remove that first, then run `roc provision recover`.',
  },
  {
    says: /stack policy|denied by stack policy/i,
    advice: 'The stack policy protects it: name it with --allow-replace if it must be replaced.',
  },
];
