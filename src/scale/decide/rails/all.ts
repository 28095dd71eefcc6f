/** The rails in the order in which they are asked; a later one has the last word. */
import { adoptedRail } from './adopted.js';
import { boundsRail } from './bounds.js';
import { clockRail } from './clock.js';
import { cooldownRail } from './cooldown.js';
import { creditsRail } from './credits.js';
import { dataRail } from './data.js';
import { dbConnectionsRail, dbCpuRail } from './database.js';
import { flapBudgetRail } from './flap-budget.js';
import { freezeRail } from './freeze.js';
import { offSwitchRail } from './off-switch.js';
import type { Rail } from './rail.js';
import { rolloutRail } from './rollout.js';
import { stepRail } from './step.js';
import { unhealthyRail } from './unhealthy.js';
import { windowRail } from './window.js';
import { zonesRail } from './zones.js';

/**
 * First what changes the need, then what holds back a raise, what holds back a cut, how far one decision goes, and the
 * limits that hold whatever was said before. The off switch comes last: nothing overrules it.
 */
export const RAILS: readonly Rail[] = [
  creditsRail,
  dbConnectionsRail,
  dbCpuRail,
  adoptedRail,
  dataRail,
  windowRail,
  clockRail,
  unhealthyRail,
  rolloutRail,
  freezeRail,
  cooldownRail,
  flapBudgetRail,
  stepRail,
  zonesRail,
  boundsRail,
  offSwitchRail,
];
