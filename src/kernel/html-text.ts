/** Foreign text as HTML text: nothing in it is markup, and nothing in it reorders or hides what follows. */

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
  return text
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (c) => (/\s/.test(c) ? ' ' : '\ufffd'))
    .replace(/[&<>"'`]/g, (c) => ESCAPES[c] ?? c);
}
