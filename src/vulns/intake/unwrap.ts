/** Envelopes that carry findings: EventBridge events, lists under a name, log records, notifications. */
import { isObject, type JsonObject } from '../adapters/json.js';

const LIST_NAMES = ['Findings', 'findings', 'items', 'Items', 'Records', 'enhancedFindings'] as const;

/** What is inside, or null when this is no envelope. */
export function unwrap(document: JsonObject): readonly unknown[] | null {
  if (isObject(document['detail'])) return [document['detail']];
  for (const name of LIST_NAMES) if (Array.isArray(document[name])) return document[name];
  const message = document['Message'];
  if (typeof message === 'string' && message.startsWith('{')) return parsed(message);
  if (isObject(document['Sns'])) return [document['Sns']];
  if (isObject(document['finding'])) return [document['finding']];
  return null;
}

function parsed(text: string): readonly unknown[] | null {
  try {
    return [JSON.parse(text)];
  } catch {
    return null;
  }
}
