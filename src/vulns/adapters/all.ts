/** Every format that roc reads; whole reports first, single records after them. */
import type { Adapter } from './adapter.js';
import { asffAdapter } from './asff.js';
import { cyclonedxAdapter } from './cyclonedx.js';
import { ecrAdapter } from './ecr.js';
import { grypeAdapter } from './grype.js';
import { guarddutyAdapter } from './guardduty.js';
import { inspectorAdapter } from './inspector.js';
import { ocsfAdapter } from './ocsf.js';
import { pentestAdapter } from './pentest.js';
import { sarifAdapter } from './sarif.js';
import { trivyAdapter } from './trivy.js';

export const ADAPTERS: readonly Adapter[] = [
  ecrAdapter,
  trivyAdapter,
  grypeAdapter,
  sarifAdapter,
  cyclonedxAdapter,
  asffAdapter,
  ocsfAdapter,
  inspectorAdapter,
  guarddutyAdapter,
  pentestAdapter,
];
