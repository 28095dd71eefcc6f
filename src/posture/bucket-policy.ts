/** What the policy of a bucket refuses. Pure. */

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * A statement that denies everybody everything in it where `aws:SecureTransport` is false, and under no further
 * condition: one on some actions, some objects or some visitors leaves the others open.
 */
export function deniesPlainHttp(policy: string, bucket: string): boolean {
  return statementsOf(policy).some(({ Effect, Principal, Action, Resource, Condition = {} }) => {
    const isAll = Principal === '*' || has((Principal as { AWS?: unknown } | undefined)?.AWS, ['*']);
    const arn = new RegExp(`^(\\*|arn:[^:]+:s3:::(\\*|${escaped(bucket)}/\\*))$`);
    const isWhole = [Resource].flat().some((one) => arn.test(String(one)));
    const operators = Object.entries(Condition);
    const [[operator, keys] = ['', {}]] = operators;
    const isPlain =
      operators.length === 1 &&
      operator === 'Bool' &&
      Object.keys(keys).length === 1 &&
      has(keys['aws:SecureTransport'], ['false']);
    return Effect === 'Deny' && isAll && has(Action, ['*', 's3:*']) && isWhole && isPlain;
  });
}

function statementsOf(policy: string): Statement[] {
  try {
    const { Statement = [] } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
    return [Statement].flat();
  } catch {
    // What cannot be read refuses nothing.
    return [];
  }
}

function has(value: unknown, wanted: readonly string[]): boolean {
  return [value].flat().some((one) => wanted.includes(String(one)));
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\*]/g, '\\$&');
}
