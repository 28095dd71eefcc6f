/** Which arrays of a very large document hold its records, known from the document's first bytes. */

/** A path of keys; `*` is any element of an array. The last step is the record. */
export type RecordPath = readonly string[];

export interface Container {
  readonly name: string;
  readonly head: RegExp;
  readonly paths: readonly RecordPath[];
  /** What follows the records says what they belong to, so they wait for the document's end. */
  readonly trailing: boolean;
  /** Documents up to this size are parsed whole, bytes. */
  readonly wholeBelow: number;
}

const MB = 1024 * 1024;

const CONTAINERS: readonly Container[] = [
  {
    name: 'ecr',
    head: /"imageScanFindings"\s*:/,
    paths: [
      ['imageScanFindings', 'findings', '*'],
      ['imageScanFindings', 'enhancedFindings', '*'],
    ],
    trailing: true,
    wholeBelow: 8 * MB,
  },
  {
    name: 'trivy',
    head: /"(?:ArtifactName|Results)"\s*:/,
    paths: [
      ['Results', '*', 'Vulnerabilities', '*'],
      ['Results', '*', 'Misconfigurations', '*'],
      ['Results', '*', 'Secrets', '*'],
    ],
    trailing: false,
    wholeBelow: 8 * MB,
  },
  { name: 'grype', head: /"matches"\s*:/, paths: [['matches', '*']], trailing: true, wholeBelow: 8 * MB },
  {
    name: 'sarif',
    head: /"runs"\s*:/,
    paths: [['runs', '*', 'results', '*']],
    trailing: true,
    wholeBelow: 32 * MB,
  },
  {
    name: 'cyclonedx',
    head: /"bomFormat"\s*:/,
    paths: [['vulnerabilities', '*']],
    trailing: true,
    wholeBelow: 32 * MB,
  },
];

const LISTS: Container = {
  name: 'list',
  head: /./,
  paths: [
    ['Findings', '*'],
    ['findings', '*'],
    ['items', '*'],
    ['Items', '*'],
    ['detail', 'findings', '*'],
  ],
  trailing: false,
  wholeBelow: 8 * MB,
};

export function containerOf(head: string): Container {
  return CONTAINERS.find((container) => container.head.test(head)) ?? LISTS;
}
