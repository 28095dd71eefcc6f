/** What CloudFormation makes of an intrinsic function, with the values that a test's account has. */

/** By `LogicalId`, `LogicalId.Attribute` or `AWS::Region`. */
export type StackValues = Readonly<Record<string, string>>;

export function resolveText(value: unknown, values: StackValues): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const known = (key: string): string => {
    const found = values[key];
    if (found === undefined) throw new TypeError(`the test says nothing of ${key}`);
    return found;
  };
  const [[name, content] = []] = Object.entries(value);
  if (name === 'Ref') return known(String(content));
  if (name === 'Fn::GetAtt') return known((content as string[]).join('.'));
  if (name === 'Fn::Base64') return resolveText(content, values);
  if (name === 'Fn::Join') {
    const [separator, parts] = content as [string, unknown[]];
    return parts.map((part) => resolveText(part, values)).join(separator);
  }
  throw new TypeError(`${name} is not known here`);
}
