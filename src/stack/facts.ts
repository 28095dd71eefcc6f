/** What the template needs to know of the account: looked up once for a plan, and recorded with it. */

export interface StackFacts {
  readonly region: string;
  /** Two availability zones; null leaves the choice to CloudFormation. */
  readonly zones: readonly [string, string] | null;
  /** Amazon Linux 2023 by architecture; null takes the newest when it is deployed, and then each plan may change. */
  readonly images: Readonly<Record<'arm64' | 'x86_64', string>> | null;
  /** `pl-…` of S3 in the region. */
  readonly s3PrefixListId: string;
  /** The hosted zone that holds the domain, where Route 53 has it. */
  readonly zoneId: string | null;
  /** A certificate of ACM that fits the domain, where one is there already and none is configured. */
  readonly certificateArn: string | null;
  /** Whether the image of the servers is in its registry; null where nobody looked. */
  readonly hasImage: boolean | null;
  /** What the duties are told, by name: policies and lists that roc.yaml names, as they were when it was planned. */
  readonly files: Readonly<Record<string, string>>;
}

/** An id no region has: a template made without looking at AWS says so in itself. */
const UNKNOWN_PREFIX_LIST = 'pl-00000000000000000';

const UNKNOWN_ZONE = 'Z00000000000000000000';

/** Facts of nobody's account, for looking at a template, its checks and its cost without AWS. */
export function unknownFacts(region: string): StackFacts {
  return {
    region,
    zones: null,
    images: null,
    s3PrefixListId: UNKNOWN_PREFIX_LIST,
    zoneId: UNKNOWN_ZONE,
    certificateArn: null,
    hasImage: null,
    files: {},
  };
}

/** Whether a template made from these may be deployed. */
export function areKnown(facts: StackFacts): boolean {
  return facts.s3PrefixListId !== UNKNOWN_PREFIX_LIST;
}
