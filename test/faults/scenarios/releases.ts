/** Versions that change while jobs come. */
import { type Scenario, underLoad } from '../scenario.js';

export const RELEASE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'deploys and rollbacks under load',
    mayRepeat: false,
    recovery: 'none measured',
    recoversWithin: 0,
    run: async (scene) => {
      await scene.load.publish('2.0.0');
      await underLoad(scene, async ({ load }, n) => {
        if (n % 2 === 0) await load.deploy('2.0.0');
        else await load.rollback();
      });
    },
  },
];
