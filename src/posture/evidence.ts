/** A posture as evidence for auditors: its figures, its verdict, and every control with what was seen. */
import { type Checked, isHeld, type Posture } from './model.js';

export interface PostureEvidence {
  readonly kind: 'posture-check';
  readonly generatedAt: string;
  readonly scope: string;
  readonly policyHash: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly summary: Posture['summary'];
  readonly body: Posture & { readonly leftOut: number };
}

/** An envelope may have 5 MB in its canonical form; this leaves room for what is around the body. */
const MOST_BYTES = 4_500_000;

export function evidenceOf({ posture, policyHash }: Checked): PostureEvidence {
  const { account, region, vpc } = posture.scope;
  return {
    kind: 'posture-check',
    generatedAt: posture.at,
    scope: [account, region, ...(vpc === null ? [] : [vpc])].join(' '),
    policyHash,
    verdict: isHeld(posture) ? 'pass' : posture.summary.fail > 0 ? 'fail' : 'unknown',
    summary: posture.summary,
    body: fitting(posture),
  };
}

/** What passes gives way first; what fails and what is unknown stays as long as there is room at all. */
function fitting(posture: Posture): PostureEvidence['body'] {
  let most = Number.POSITIVE_INFINITY;
  for (;;) {
    const controls = posture.controls.map((one) => ({ ...one, evidence: one.evidence.slice(0, most) }));
    const kept = controls.reduce((sum, { evidence }) => sum + evidence.length, 0);
    const all = posture.controls.reduce((sum, { evidence }) => sum + evidence.length, 0);
    const body = { ...posture, controls, leftOut: all - kept };
    if (most <= 0 || Buffer.byteLength(JSON.stringify(body)) <= MOST_BYTES) return body;
    most = Math.floor(
      Math.min(most, Math.max(...posture.controls.map(({ evidence }) => evidence.length))) / 2,
    );
  }
}
