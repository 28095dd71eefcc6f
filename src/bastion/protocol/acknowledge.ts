/** Acknowledgements: one per message, matched by sequence number alone; there is no cumulative form. */
import { type AgentMessage, encodeMessage, FLAG_FIN, FLAG_SYN, uuidText } from './agent-message.js';

/** The frame that acknowledges `message`. `id` is the acknowledgement's own message id in wire order. */
export function encodeAcknowledge(message: AgentMessage, id: Uint8Array, createdAt: number): Buffer {
  // A template instead of JSON.stringify: one of these goes out per kilobyte received.
  const text = `{"AcknowledgedMessageType":"${message.type}","AcknowledgedMessageId":"${uuidText(message.id)}","AcknowledgedMessageSequenceNumber":${message.sequence},"IsSequentialMessage":true}`;
  return encodeMessage({
    type: 'acknowledge',
    sequence: 0,
    flags: FLAG_SYN | FLAG_FIN,
    id,
    createdAt,
    payloadType: 0,
    parts: [Buffer.from(text, 'latin1')],
  });
}

/** The sequence number that an acknowledgement names, or null when it is no acknowledgement. */
export function acknowledgedSequence(payload: Buffer): number | null {
  try {
    const value: unknown = JSON.parse(payload.toString('latin1'));
    const sequence = (value as { AcknowledgedMessageSequenceNumber?: unknown } | null)
      ?.AcknowledgedMessageSequenceNumber;
    return typeof sequence === 'number' && Number.isSafeInteger(sequence) && sequence >= 0 ? sequence : null;
  } catch {
    return null;
  }
}
