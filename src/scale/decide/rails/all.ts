/** The rails in the order in which they are asked; a later one has the last word. */
import { boundsRail } from './bounds.js';
import { cooldownRail } from './cooldown.js';
import { dataRail } from './data.js';
import type { Rail } from './rail.js';
import { stepRail } from './step.js';
import { windowRail } from './window.js';

export const RAILS: readonly Rail[] = [dataRail, windowRail, cooldownRail, stepRail, boundsRail];
