/** Foreign text as HTML text: nothing in it is markup, and nothing in it reorders or hides what follows. */
import { onOneLine } from './foreign-text.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** For text and for attribute values in double quotes. */
export function escapeHtml(text: string): string {
  return onOneLine(text).replace(/[&<>"'`]/g, (c) => ESCAPES[c] ?? c);
}
