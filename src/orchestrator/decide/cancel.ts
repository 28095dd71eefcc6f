/** What a request to stop does to a job in each state. */
import { isTerminal, type JobState } from '../../protocol/job-states.js';

/** The state to go to; `same` when it is being canceled already, `ended` when there is nothing left to stop. */
export function afterCancel(state: JobState): 'canceled' | 'canceling' | 'same' | 'ended' {
  if (isTerminal(state)) return 'ended';
  if (state === 'canceling') return 'same';
  return state === 'leased' || state === 'running' ? 'canceling' : 'canceled';
}
