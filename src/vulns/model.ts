/** The nouns of triage: what a source said (an observation), what roc makes of it (a finding), and their words. */

export const LANES = ['vuln', 'threat', 'config', 'code', 'secret', 'pentest'] as const;
export type Lane = (typeof LANES)[number];

/** Most dangerous first; `unknown` is a word of its own and never quietly a lower one. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What the source is asked for by name: file formats and live services. */
export const TOOLS = [
  'ecr',
  'inspector',
  'guardduty',
  'asff',
  'ocsf',
  'trivy',
  'grype',
  'sarif',
  'cyclonedx',
  'pentest',
] as const;
export type Tool = (typeof TOOLS)[number];

export const STATES = ['new', 'open', 'regressed', 'expired', 'suppressed', 'fixed'] as const;
export type State = (typeof STATES)[number];

/** States that ask for work; suppressed and fixed do not. */
export const ACTIONABLE: ReadonlySet<State> = new Set<State>(['new', 'open', 'regressed', 'expired']);

export const FIX_STATES = ['yes', 'partial', 'no', 'unknown'] as const;
export type FixState = (typeof FIX_STATES)[number];

export const EXPLOITS = ['none', 'poc', 'active', 'unknown'] as const;
export type Exploit = (typeof EXPLOITS)[number];

export const EXPOSURES = ['public', 'private', 'unknown'] as const;
export type ExposureState = (typeof EXPOSURES)[number];

/** What to do, most urgent first. The first five are the outcomes of the decision tables. */
export const ACTIONS = [
  'fix-3d-forensic',
  'fix-3d',
  'fix-14d',
  'fix-60d',
  'fix-on-upgrade',
  'fix-by-sla',
  'investigate',
  'reconfigure',
  'watch',
] as const;
export type Action = (typeof ACTIONS)[number];

export interface ResourceRef {
  /** `image`, `instance`, `function`, `repository`, or the source's own type. */
  readonly type: string;
  /** The source's id, for people; {@link identityOf} gives the comparable one. */
  readonly id: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly registry?: string | undefined;
  readonly repo?: string | undefined;
  readonly digest?: string | undefined;
  readonly imageTags?: readonly string[] | undefined;
  /** Name and value pairs: never an object, whose keys a file could choose. */
  readonly tags?: readonly (readonly [string, string])[] | undefined;
  readonly inUseCount?: number | undefined;
  /** Epoch milliseconds. */
  readonly lastInUseAt?: number | undefined;
}

export interface PackageRef {
  readonly name: string;
  readonly version?: string | undefined;
  readonly fixedIn?: string | undefined;
  readonly ecosystem?: string | undefined;
  /** Only for language packages, where it tells two copies apart. */
  readonly path?: string | undefined;
  /** Digest of the image layer that brought it. */
  readonly layer?: string | undefined;
  readonly purl?: string | undefined;
}

export interface KevFact {
  readonly dateAdded?: string | undefined;
  readonly dueDate?: string | undefined;
  readonly ransomware?: boolean | undefined;
}

/** One source's word about one problem on one resource. Times are epoch milliseconds. */
export interface Observation {
  readonly lane: Lane;
  readonly tool: Tool;
  readonly sourceId: string;
  readonly file: string;
  readonly status: 'active' | 'closed' | 'suppressed';
  readonly title: string;
  readonly severity: Severity;
  readonly severitySource: string;
  readonly arn?: string | undefined;
  readonly cve?: string | undefined;
  readonly advisory?: string | undefined;
  /** Other names of the same problem: CVEs behind an advisory, GHSA ids. */
  readonly aliases?: readonly string[] | undefined;
  readonly control?: string | undefined;
  /** GuardDuty type, rule id of a code finding, engagement of a penetration test. */
  readonly kind?: string | undefined;
  readonly vector?: string | undefined;
  /** Base scores of every CVSS the source gave. */
  readonly cvss?: readonly number[] | undefined;
  readonly epss?: number | undefined;
  readonly percentile?: number | undefined;
  readonly kev?: KevFact | undefined;
  readonly exploit?: Exploit | undefined;
  readonly fix: FixState;
  readonly resource: ResourceRef;
  readonly package?: PackageRef | undefined;
  /** Further packages that the same record covers: every one of them is another name of this finding. */
  readonly alsoIn?: readonly PackageRef[] | undefined;
  /** What this record proves about the resource, for every finding on it. */
  readonly proves?: { readonly exposure?: 'public' | 'private'; readonly why: string } | undefined;
  readonly attackSequence?: boolean | undefined;
  readonly firstSeen?: number | undefined;
  readonly lastSeen?: number | undefined;
}

export interface SourceRef {
  readonly tool: Tool;
  readonly id: string;
  readonly file: string;
}

/** Observations of one problem on one resource, joined. */
export interface Merged extends Omit<Observation, 'tool' | 'sourceId' | 'file'> {
  readonly key: string;
  /** Without the image digest: the same problem in the same repository tomorrow. */
  readonly trackKey: string;
  readonly sources: readonly SourceRef[];
}

export interface Decision {
  readonly action: Action;
  /** Days from first seen; null when there is no date ("on upgrade", "watch"). */
  readonly days: number | null;
  readonly dueAt: string | null;
  readonly overdue: boolean;
  readonly basis: 'table' | 'sla' | 'none';
  /** The row of the run's table that decided; null when no single row did. */
  readonly row: number | null;
  readonly reasons: readonly string[];
}

interface NamedPackage {
  readonly name: string;
  readonly version: string | null;
  readonly fixedIn: string | null;
}

/** One row of the JSON report; documented by schemas/vulns-report.schema.json. */
export interface Finding {
  readonly key: string;
  readonly lane: Lane;
  readonly ids: {
    readonly cve: string | null;
    readonly arn: string | null;
    readonly advisory?: string | undefined;
    readonly control?: string | undefined;
    readonly kind?: string | undefined;
  };
  readonly title: string;
  readonly severity: Severity;
  readonly severitySource: string;
  readonly score: number;
  readonly epss: number | null;
  readonly kev: boolean | null;
  readonly exploit: Exploit;
  readonly fix: FixState;
  readonly remedy: string;
  readonly decision: Decision;
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly account: string | null;
    readonly region: string | null;
    readonly repo: string | null;
    readonly digest: string | null;
  };
  readonly package: (NamedPackage & Pick<PackageRef, 'path' | 'layer' | 'purl'>) | null;
  /** Further packages that the same finding covers. */
  readonly alsoIn?: readonly NamedPackage[] | undefined;
  readonly exposure: ExposureState;
  readonly owner: string | null;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly state: State;
  readonly suppression?: SuppressionMark | undefined;
  readonly sources: readonly SourceRef[];
}

export interface SuppressionMark {
  readonly id: string;
  readonly status: string;
  readonly justification: string | null;
  readonly reason: string;
  readonly by: string;
  /** When it began to count. */
  readonly since: string;
  readonly expires: string;
}

/** A statement about what was looked at; `missing` means that nothing may be concluded from silence. */
export interface Coverage {
  readonly tool: Tool;
  /** The target's comparable name, without digest. */
  readonly id: string;
  readonly repo: string | null;
  readonly digest: string | null;
  readonly tags: readonly string[];
  readonly status: string;
  readonly verdict: 'scanned' | 'missing';
  readonly why: string;
}

export const PROBLEM_KINDS = [
  'truncated',
  'malformed',
  'encoding',
  'too-large',
  'duplicate-keys',
  'forbidden-keys',
  'null-record',
  'unknown-format',
  'unknown-severity',
  'incomplete-record',
  'bad-date',
  'unreadable',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** Something wrong with an input; `skipped` tells whether the record was left out. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly file: string;
  /** Byte offset in the (decompressed) file. */
  readonly offset: number;
  readonly message: string;
  readonly skipped: boolean;
}
