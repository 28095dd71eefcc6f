/** SARIF 2.1.0 (OASIS): results of static analysers and scanners. */
import { hash } from 'node:crypto';
import { identityOf } from '../keys.js';
import type { Coverage, Observation, ResourceRef, Severity } from '../model.js';
import { severityFromCvss, severityFromWord } from '../severity.js';
import type { Adapter, ReadContext } from './adapter.js';
import { knownSeverity } from './aws-fields.js';
import { type JsonObject, number, object, objects, text } from './json.js';

export const sarifAdapter: Adapter = {
  tool: 'sarif',
  matches: (document) => Array.isArray(document['runs']) && typeof document['version'] === 'string',
  read: readSarif,
};

const CVE = /CVE-\d{4}-\d{4,}/;

function readSarif(log: JsonObject, context: ReadContext): void {
  for (const run of objects(log['runs'])) {
    const driver = object(object(run['tool'])['driver']);
    const rules = rulesOf(driver);
    const resource = resourceOf(run, driver);
    if (objects(run['invocations']).some((invocation) => invocation['executionSuccessful'] === false))
      context.cover(failedRun(resource, driver));
    for (const result of objects(run['results'])) {
      const kind = result['kind'];
      if (kind === 'pass' || kind === 'notApplicable')
        context.drop(kind === 'pass' ? 'passed' : 'not-applicable');
      else context.emit(readResult(result, rules, resource, driver, context));
    }
  }
}

// A report may be read record by record, and its rules stay the same list: indexed once.
const INDEXES = new WeakMap<object, ReadonlyMap<string, JsonObject>>();

function rulesOf(driver: JsonObject): ReadonlyMap<string, JsonObject> {
  const known = INDEXES.get(driver);
  if (known !== undefined) return known;
  const index = new Map(objects(driver['rules']).map((rule) => [text(rule['id']) ?? '', rule]));
  INDEXES.set(driver, index);
  return index;
}

function resourceOf(run: JsonObject, driver: JsonObject): ResourceRef {
  const provenance = objects(run['versionControlProvenance'])[0] ?? {};
  const id =
    text(provenance['repositoryUri']) ?? text(object(run['automationDetails'])['id']) ?? text(driver['name']);
  return { type: 'code-repository', id: id ?? 'unknown' };
}

/** A tool that says of itself that it did not get to its end. */
function failedRun(resource: ResourceRef, driver: JsonObject): Coverage {
  return {
    tool: 'sarif',
    id: identityOf(resource),
    repo: null,
    digest: null,
    tags: [],
    status: 'FAILED',
    verdict: 'missing',
    why: `the run of ${text(driver['name']) ?? 'the tool'} did not succeed`,
  };
}

function readResult(
  result: JsonObject,
  rules: ReadonlyMap<string, JsonObject>,
  resource: ResourceRef,
  driver: JsonObject,
  context: ReadContext,
): Observation {
  const ruleId = text(result['ruleId']) ?? text(object(result['rule'])['id']) ?? 'unknown';
  const rule = rules.get(ruleId) ?? {};
  const location = object(object(objects(result['locations'])[0])['physicalLocation']);
  const uri = text(object(location['artifactLocation'])['uri']) ?? '';
  const message = text(object(result['message'])['text']) ?? ruleId;
  const cve = CVE.exec(ruleId)?.[0];
  const isSuppressed = objects(result['suppressions']).some(
    (entry) => (entry['status'] ?? 'accepted') === 'accepted',
  );
  return {
    lane: cve === undefined ? 'code' : 'vuln',
    tool: 'sarif',
    sourceId: `${ruleId}/${uri}/${fingerprint(result, location, message)}`,
    file: context.file,
    status: result['baselineState'] === 'absent' ? 'closed' : isSuppressed ? 'suppressed' : 'active',
    title: message.split('\n', 1)[0]?.slice(0, 300) ?? ruleId,
    severity: severityOf(result, rule, context),
    severitySource: `sarif (${text(driver['name']) ?? 'unknown tool'})`,
    cve,
    kind: ruleId,
    fix: 'unknown',
    resource,
    package: cve === undefined ? undefined : { name: uri || 'unknown', path: uri || undefined },
  };
}

// Lines move with every edit, so the tool's own fingerprint goes first and the line comes last.
function fingerprint(result: JsonObject, location: JsonObject, message: string): string {
  for (const member of ['fingerprints', 'partialFingerprints']) {
    const prints = object(result[member]);
    const first = Object.keys(prints).sort()[0];
    if (first !== undefined) return `${first}=${String(prints[first]).slice(0, 200)}`;
  }
  const line = number(object(location['region'])['startLine']);
  return line === undefined ? hash('sha1', message, 'hex').slice(0, 12) : `line ${line}`;
}

// GitHub's convention: a CVSS-like number in the rule's properties; otherwise the level.
function severityOf(result: JsonObject, rule: JsonObject, context: ReadContext): Severity {
  const score =
    number(object(rule['properties'])['security-severity']) ??
    number(object(result['properties'])['security-severity']);
  const fromScore = severityFromCvss(score);
  if (fromScore !== null) return fromScore;
  const level = result['level'] ?? object(rule['defaultConfiguration'])['level'] ?? 'warning';
  return knownSeverity(severityFromWord(level), level, context);
}
