/** The kill switch: a tag that anybody with the console may set. */
import type { Group } from './facts.js';

/** Whether the tag on the group (or service) keeps roc's hands off it. */
export function isSwitchedOff({ tags }: Pick<Group, 'tags'>): boolean {
  return tags['roc:scale'] === 'off';
}
