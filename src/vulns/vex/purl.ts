/** Package URLs (package-url/purl-spec), as much of them as VEX matching needs. */

export interface Purl {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** Null when the text is no package URL. */
export function parsePurl(text: string): Purl | null {
  if (!text.startsWith('pkg:') || text.length > 2000) return null;
  const [withoutHash = ''] = text.slice('pkg:'.length).split('#');
  const question = withoutHash.indexOf('?');
  const path = (question === -1 ? withoutHash : withoutHash.slice(0, question)).replace(/^\/+/, '');
  const at = path.lastIndexOf('@');
  // An @ before the last slash belongs to a scope, as in pkg:npm/@angular/core.
  const hasVersion = at > path.lastIndexOf('/') && at > 0;
  const parts = (hasVersion ? path.slice(0, at) : path).split('/').filter((part) => part !== '');
  const type = parts.shift()?.toLowerCase();
  const name = parts.pop();
  if (type === undefined || name === undefined) return null;
  return {
    type,
    namespace: parts.length === 0 ? null : parts.map(decode).join('/'),
    name: decode(name),
    version: hasVersion ? decode(path.slice(at + 1)) : null,
    qualifiers: new Map(question === -1 ? [] : pairs(withoutHash.slice(question + 1))),
  };
}

function pairs(text: string): [string, string][] {
  return text.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split('=');
    return [key.toLowerCase(), decode(value)];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
