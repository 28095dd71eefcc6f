/** Events as the timeline of the evidence tells them. Pure. */
import type { RunEvent } from './events.js';

/** What the timeline of the evidence says beside the event's name; results stand elsewhere. */
export function detailOf(event: RunEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'intent':
    case 'result':
      return { call: event.call, on: event.on };
    case 'status':
      return { status: event.status, ...(event.detail === null ? {} : { detail: event.detail }) };
    case 'check-done':
      return { id: event.result.id, verdict: event.result.verdict };
    case 'failed':
      return { code: event.code, message: event.message };
    case 'judged':
      return { verdict: event.verdict };
    case 'cleaned':
      return { goneAt: event.goneAt };
    default:
      return {};
  }
}
