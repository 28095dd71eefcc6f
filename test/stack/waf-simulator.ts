/**
 * A small WAF of our own that reads the rules of a template as AWS documents them: statements, labels, counted rules of
 * managed groups, rates by key. The managed groups are stand-ins: each has one telling pattern for a body and a query.
 */
import type { Template } from '../../src/stack/template.js';

// biome-ignore lint/suspicious/noExplicitAny: rules are data of any depth
type Loose = any;

export interface WebRequest {
  readonly path: string;
  readonly address: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Verdict {
  readonly action: 'allow' | 'block';
  readonly rule: string | null;
  /** Rules that matched and only counted. */
  readonly counted: readonly string[];
}

interface Signature {
  readonly rule: string;
  readonly label: string;
  readonly matches: (request: WebRequest) => boolean;
}

const body = (pattern: RegExp) => (request: WebRequest) => pattern.test(request.body ?? '');
const query = (pattern: RegExp) => (request: WebRequest) => pattern.test(request.query ?? '');
const SQL = /' or 1=1|union select/i;
const SCRIPT = /<script/i;

/** What AWS's groups would say of telling inputs; labels as AWS documents them. */
const GROUPS: Readonly<Record<string, readonly Signature[]>> = {
  AWSManagedRulesAmazonIpReputationList: [],
  AWSManagedRulesKnownBadInputsRuleSet: [
    {
      rule: 'Log4JRCE_BODY',
      label: 'awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body',
      matches: body(/\$\{jndi:/),
    },
    {
      rule: 'Log4JRCE_QUERYSTRING',
      label: 'awswaf:managed:aws:known-bad-inputs:Log4JRCE_QueryString',
      matches: query(/\$\{jndi:/),
    },
  ],
  AWSManagedRulesCommonRuleSet: [
    {
      rule: 'SizeRestrictions_BODY',
      label: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body',
      matches: ({ body: text = '' }) => text.length > 8192,
    },
    {
      rule: 'CrossSiteScripting_BODY',
      label: 'awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body',
      matches: body(SCRIPT),
    },
    {
      rule: 'CrossSiteScripting_QUERYARGUMENTS',
      label: 'awswaf:managed:aws:core-rule-set:CrossSiteScripting_QueryArguments',
      matches: query(SCRIPT),
    },
  ],
  AWSManagedRulesSQLiRuleSet: [
    { rule: 'SQLi_BODY', label: 'awswaf:managed:aws:sql-database:SQLi_Body', matches: body(SQL) },
    {
      rule: 'SQLi_QUERYARGUMENTS',
      label: 'awswaf:managed:aws:sql-database:SQLi_QueryArguments',
      matches: query(SQL),
    },
  ],
};

/** Judges requests in the order in which they come, all within one window of rates. */
export function createWaf(template: Template): (request: WebRequest) => Verdict {
  const acl = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::WAFv2::WebACL');
  const rules = [...((acl?.Properties?.['Rules'] ?? []) as Loose[])].sort((a, b) => a.Priority - b.Priority);
  const counts = new Map<string, number>();
  return (request) => {
    const labels = new Set<string>();
    const counted: string[] = [];
    for (const rule of rules) {
      const group = rule.Statement.ManagedRuleGroupStatement;
      const hit =
        group === undefined
          ? matches(rule, request, labels, counts)
          : blocksInGroup(group, request, labels, counted);
      if (!hit) continue;
      if ('Block' in (rule.Action ?? {}) || 'None' in (rule.OverrideAction ?? {}))
        return { action: 'block', rule: rule.Name, counted };
      counted.push(rule.Name);
    }
    return { action: 'allow', rule: null, counted };
  };
}

function blocksInGroup(group: Loose, request: WebRequest, labels: Set<string>, counted: string[]): boolean {
  const signatures = GROUPS[group.Name];
  if (signatures === undefined) throw new TypeError(`no stand-in for ${group.Name}`);
  for (const { rule, label, matches: fits } of signatures) {
    if (!fits(request)) continue;
    labels.add(label);
    const override = (group.RuleActionOverrides ?? []).find((one: Loose) => one.Name === rule);
    if (override === undefined || 'Block' in override.ActionToUse) return true;
    counted.push(rule);
  }
  return false;
}

function matches(
  rule: Loose,
  request: WebRequest,
  labels: Set<string>,
  counts: Map<string, number>,
): boolean {
  const rate = rule.Statement.RateBasedStatement;
  if (rate === undefined) return holds(rule.Statement, request, labels);
  if (rate.ScopeDownStatement !== undefined && !holds(rate.ScopeDownStatement, request, labels)) return false;
  const key = keyOf(rate, request);
  if (key === null) return false;
  const count = (counts.get(`${rule.Name} ${key}`) ?? 0) + 1;
  counts.set(`${rule.Name} ${key}`, count);
  return count > rate.Limit;
}

// A request without the header has no key, and is not counted.
function keyOf(rate: Loose, request: WebRequest): string | null {
  if (rate.AggregateKeyType === 'IP') return request.address;
  const [{ Header }] = rate.CustomKeys;
  return request.headers?.[Header.Name] ?? null;
}

function holds(statement: Loose, request: WebRequest, labels: ReadonlySet<string>): boolean {
  const [[kind, value]] = Object.entries(statement) as [[string, Loose]];
  switch (kind) {
    case 'NotStatement':
      return !holds(value.Statement, request, labels);
    case 'AndStatement':
      return value.Statements.every((inner: Loose) => holds(inner, request, labels));
    case 'OrStatement':
      return value.Statements.some((inner: Loose) => holds(inner, request, labels));
    case 'LabelMatchStatement':
      return labels.has(value.Key);
    case 'RegexMatchStatement':
      return new RegExp(value.RegexString).test(request.path);
    case 'ByteMatchStatement':
      return request.path.startsWith(value.SearchString);
    case 'IPSetReferenceStatement':
      return false;
    default:
      throw new TypeError(`this WAF does not know ${kind}`);
  }
}
