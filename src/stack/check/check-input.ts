/** What a rule that is a program judges. */
import type { StackSettings } from '../settings.js';
import type { Template } from '../template.js';

export interface CheckInput {
  readonly template: Template;
  readonly settings: StackSettings;
}
