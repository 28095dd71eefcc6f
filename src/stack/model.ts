/** The `stack` section of roc.yaml. */
import { stackShape } from './config-shape.js';
import { contradictions } from './contradictions.js';

/** Strict, and refuses what contradicts itself; the errors say the way out. */
export const stackConfigSchema = stackShape.superRefine((config, issues) => {
  for (const { path, message } of contradictions(config)) issues.addIssue({ code: 'custom', path, message });
});
