/** The request ids that AWS gave to a call that changes something, kept for the evidence. */
import type { RunContext } from './context.js';

/** Runs one mutating call whose intent is in the journal already, and writes down what AWS called it. */
export async function withRequestIds<T>(
  { cloud, journal }: RunContext,
  call: string,
  on: string,
  use: () => Promise<T>,
): Promise<T> {
  const requestIds: string[] = [];
  cloud.onRequest((name, id) => void (name === call && requestIds.push(id)));
  try {
    const value = await use();
    journal.append({ type: 'result', call, on, requestIds });
    return value;
  } finally {
    cloud.onRequest(() => {});
  }
}
