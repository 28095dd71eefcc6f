/** /.well-known/security.txt (RFC 9116): where whoever finds a fault can say so. */
import { RocError } from '../../kernel/errors.js';
import { DAY, isoTime } from '../../kernel/time.js';

/** The standard wants an end within a year; it moves with each answer. @throws RocError ROC_NOT_FOUND without a contact */
export function securityTxt(contact: string | null, now: number): string {
  if (contact === null) {
    throw new RocError('ROC_NOT_FOUND', 'this installation names no contact for security', {
      hint: 'Whoever runs it sets server.securityContact.',
    });
  }
  return `Contact: ${contact}\nExpires: ${isoTime(now + 90 * DAY)}\nPreferred-Languages: en, es\n`;
}
