/** A finding as JSON, put together from its parts: JSON.stringify says the same, three times as slowly. */
import type { Finding } from './model.js';

/** What a JSON string must escape, and lone surrogates, which JSON.stringify escapes too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Equal to `JSON.stringify(finding)`, byte for byte. */
export function findingJson(f: Finding): string {
  // One look at all text together; what has to be escaped is rare and takes the ordinary way.
  if (f.suppression !== undefined || f.alsoIn !== undefined || SPECIAL.test(textsOf(f)))
    return JSON.stringify(f);
  const { ids, decision: d, resource: r } = f;
  return (
    `{"key":"${f.key}","lane":"${f.lane}","ids":{"cve":${quoted(ids.cve)},"arn":${quoted(ids.arn)}${member('advisory', ids.advisory)}${member('control', ids.control)}${member('kind', ids.kind)}},` +
    `"title":"${f.title}","severity":"${f.severity}","severitySource":"${f.severitySource}","score":${f.score},"epss":${f.epss},"kev":${f.kev},"exploit":"${f.exploit}","fix":"${f.fix}","remedy":"${f.remedy}",` +
    `"decision":{"action":"${d.action}","days":${d.days},"dueAt":${quoted(d.dueAt)},"overdue":${d.overdue},"basis":"${d.basis}","row":${d.row},"reasons":[${listed(d.reasons)}]},` +
    `"resource":{"type":"${r.type}","id":"${r.id}","account":${quoted(r.account)},"region":${quoted(r.region)},"repo":${quoted(r.repo)},"digest":${quoted(r.digest)}},` +
    `"package":${packageJson(f.package)},"exposure":"${f.exposure}","owner":${quoted(f.owner)},"firstSeen":${quoted(f.firstSeen)},"lastSeen":${quoted(f.lastSeen)},"state":"${f.state}",` +
    `"sources":[${sourcesJson(f.sources)}]}`
  );
}

/** All text that came from outside, in any order. */
function textsOf({
  key,
  severitySource,
  ids,
  title,
  remedy,
  decision,
  resource: r,
  package: p,
  owner,
  sources,
}: Finding): string {
  let text = `${key}${severitySource}${ids.cve}${ids.arn}${ids.advisory}${ids.control}${ids.kind}${title}${remedy}${r.type}${r.id}${r.account}${r.region}${r.repo}${r.digest}${owner}`;
  if (p !== null) text += `${p.name}${p.version}${p.fixedIn}${p.path}${p.layer}${p.purl}`;
  for (const reason of decision.reasons) text += reason;
  for (const source of sources) text += source.id + source.file;
  return text;
}

/** Every member is written above; one that is added to the type and not here does not compile. */
type Written =
  | 'key'
  | 'lane'
  | 'ids'
  | 'title'
  | 'severity'
  | 'severitySource'
  | 'score'
  | 'epss'
  | 'kev'
  | 'exploit'
  | 'fix'
  | 'remedy'
  | 'decision'
  | 'resource'
  | 'package'
  | 'alsoIn'
  | 'exposure'
  | 'owner'
  | 'firstSeen'
  | 'lastSeen'
  | 'state'
  | 'suppression'
  | 'sources';
true satisfies Exclude<keyof Finding, Written> extends never ? true : never;

function packageJson(p: Finding['package']): string {
  if (p === null) return 'null';
  return `{"name":"${p.name}","version":${quoted(p.version)},"fixedIn":${quoted(p.fixedIn)}${member('path', p.path)}${member('layer', p.layer)}${member('purl', p.purl)}}`;
}

function sourcesJson(sources: Finding['sources']): string {
  let text = '';
  for (const { tool, id, file } of sources)
    text += `${text === '' ? '' : ','}{"tool":"${tool}","id":"${id}","file":"${file}"}`;
  return text;
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`;
}

function member(name: string, text: string | undefined): string {
  return text === undefined ? '' : `,"${name}":"${text}"`;
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `"${texts.join('","')}"`;
}
