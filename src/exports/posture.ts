/** `import … from 'roc/posture'`: a live account held against security controls, as `roc posture check` does it. */
import { fileURLToPath } from 'node:url';
import { checkAccount, type PostureOptions } from '../posture/library.js';
import type { Checked } from '../posture/model.js';

/** Where the shipped policy is: this package's own folder. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Reads an account and judges it; changes nothing.
 * @example const { posture } = await checkPosture({ region: 'eu-west-1', stack: outputs }); isHeld(posture);
 * @throws RocError ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_NOT_FOUND, ROC_POLICY_INVALID, ROC_INTERRUPTED
 */
export function checkPosture(options: Omit<PostureOptions, 'packageRoot'>): Promise<Checked> {
  return checkAccount({ ...options, packageRoot });
}

export { RocError } from '../kernel/errors.js';
export type { StackOutputs } from '../kernel/stack-outputs.js';
export { evidenceOf, type PostureEvidence } from '../posture/evidence.js';
export type { PostureOptions } from '../posture/library.js';
export {
  type Checked,
  type ControlResult,
  type Evidence,
  isHeld,
  type Posture,
  type Severity,
  type Verdict,
  type Waiver,
} from '../posture/model.js';
