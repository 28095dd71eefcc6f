/** A fleet that nobody scales. */
import type { ControllerSpec } from '../fleet/controller.js';

export function staticFleet(size: number): ControllerSpec {
  return { name: `static${size}`, create: () => ({ step: () => size }) };
}
