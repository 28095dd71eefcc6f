/** All that the store and the use-cases over it promise, the same on each engine. */
import { describe } from 'vitest';
import { catalogContract } from './store/catalog.js';
import { claimsTogetherContract } from './store/claims-together.js';
import type { Engine } from './store/context.js';
import { evidenceContract } from './store/evidence.js';
import { fencingContract } from './store/fencing.js';
import { identityContract } from './store/identity.js';
import { queueContract } from './store/queue.js';
import { racesContract } from './store/races.js';
import { schemaContract } from './store/schema.js';
import { sharedContract } from './store/shared.js';
import { statesContract } from './store/states.js';
import { togetherContract } from './store/together.js';

export function storeContract(engine: Engine): void {
  describe(`store on ${engine.name}`, () => {
    schemaContract(engine);
    catalogContract(engine);
    identityContract(engine);
    queueContract(engine);
    statesContract(engine);
    fencingContract(engine);
    evidenceContract(engine);
    racesContract(engine);
    togetherContract(engine);
    claimsTogetherContract(engine);
    sharedContract(engine);
  });
}
