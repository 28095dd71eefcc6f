/** A plan for later or for the eye alone: kept in a file, or taken out of AWS again. */
import type { Engine } from './engine.js';
import { discardPlan, makePlan, type PlanRequest } from './plan.js';
import { type SavedPlan, writePlan } from './plan-file.js';
import type { Plan } from './plan-model.js';

/** Without a file nothing stays behind: no change set, and no empty stack of a first plan. */
export async function planAndKeep(
  engine: Engine,
  request: PlanRequest,
  file: string | undefined,
): Promise<Plan> {
  const plan = await makePlan(engine, request);
  if (plan.pending === null) return plan;
  if (file === undefined) {
    await discardPlan(engine, plan);
    return plan;
  }
  try {
    writePlan(file, plan as SavedPlan);
  } catch (error) {
    await discardPlan(engine, plan);
    throw error;
  }
  return plan;
}
