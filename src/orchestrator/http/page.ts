/** The few pages that the server draws itself: no script, no style, nothing of a request that is not escaped. */

export interface PageText {
  readonly title: string;
  /** HTML that was made here. */
  readonly body: string;
}

export function page({ title, body }: PageText): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} - roc</title></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
