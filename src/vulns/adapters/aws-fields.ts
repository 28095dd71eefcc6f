/** Fields that several sources of AWS share: resources by ARN, CVSS lists, severities that must be one of roc's. */

import { parseInstant } from '../instant.js';
import type { FixState, ResourceRef, Severity } from '../model.js';
import type { ReadContext } from './adapter.js';
import { type JsonObject, number, text } from './json.js';

/** Severity or `unknown`; a word that no source documents is reported, a documented "unknown" is not. */
export function knownSeverity(found: Severity | null, raw: unknown, context: ReadContext): Severity {
  if (found !== null) return found;
  if (raw !== undefined && raw !== null && raw !== '')
    context.problem(
      'unknown-severity',
      `severity ${JSON.stringify(raw).slice(0, 60)} is none of the documented ones`,
      false,
    );
  return 'unknown';
}

export function instantOr(value: unknown, context: ReadContext): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = parseInstant(value);
  if (ms !== null) return ms;
  context.problem('bad-date', `${JSON.stringify(value).slice(0, 60)} is no date`, false);
  return undefined;
}

const ECR_ARN = /^arn:[^:]+:ecr:([^:]*):([^:]*):repository\/(.+?)(?:(?:\/|@)(sha256:[0-9a-f]{64}))?$/;

/** What an ARN or id alone tells of a resource; ECR images get repository and digest. */
export function resourceFromId(
  id: string,
  type: string,
  known: { account?: string | undefined; region?: string | undefined } = {},
): ResourceRef {
  const parts = id.startsWith('arn:') ? arnParts(id) : NO_PARTS;
  return {
    type: parts.type ?? type,
    id,
    region: parts.region || known.region,
    account: parts.account || known.account,
    repo: parts.repo,
    digest: parts.digest,
  };
}

interface ArnParts {
  /** Where the ARN itself tells the type. */
  readonly type?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly repo?: string | undefined;
  readonly digest?: string | undefined;
}

const NO_PARTS: ArnParts = {};

// A resource has many findings; the bound keeps a hostile file from filling memory.
const ARNS = new Map<string, ArnParts>();
const MOST_ARNS = 20_000;

function arnParts(arn: string): ArnParts {
  const known = ARNS.get(arn);
  if (known !== undefined) return known;
  const image = ECR_ARN.exec(arn);
  const [, , , region, account] = arn.split(':');
  const parts: ArnParts =
    image === null
      ? { type: undefined, region, account, repo: undefined, digest: undefined }
      : {
          type: image[4] === undefined ? 'repository' : 'image',
          region: image[1],
          account: image[2],
          repo: image[3],
          digest: image[4],
        };
  if (ARNS.size >= MOST_ARNS) ARNS.clear();
  if (arn.length < 1000) ARNS.set(arn, parts);
  return parts;
}

const RESOURCE_TYPES: ReadonlyMap<string, string> = new Map([
  ['AWS_EC2_INSTANCE', 'instance'],
  ['AwsEc2Instance', 'instance'],
  ['AWS::EC2::Instance', 'instance'],
  ['Instance', 'instance'],
  ['AWS_ECR_CONTAINER_IMAGE', 'image'],
  ['AwsEcrContainerImage', 'image'],
  ['AWS::ECR::Image', 'image'],
  ['Container', 'image'],
  ['AWS_LAMBDA_FUNCTION', 'function'],
  ['AwsLambdaFunction', 'function'],
  ['AWS::Lambda::Function', 'function'],
  ['AWS_ECR_REPOSITORY', 'repository'],
  ['AwsEcrRepository', 'repository'],
  ['CODE_REPOSITORY', 'code-repository'],
]);

/** One word for what AWS names in three dialects; other types stay as the source wrote them. */
export function resourceType(raw: string | undefined): string {
  return raw === undefined ? 'unknown' : (RESOURCE_TYPES.get(raw) ?? raw);
}

export interface CvssFacts {
  readonly vector: string | undefined;
  readonly scores: readonly number[] | undefined;
}

/** The vector of the newest CVSS version, and every base score. */
export function cvssFacts(
  entries: readonly JsonObject[],
  names: { readonly vector: string; readonly score: string },
): CvssFacts {
  let vector: string | undefined;
  const scores: number[] = [];
  for (const entry of entries) {
    const found = text(entry[names.vector]);
    if (found !== undefined && (vector === undefined || rank(found) > rank(vector))) vector = found;
    const score = number(entry[names.score]);
    if (score !== undefined && score >= 0 && score <= 10) scores.push(score);
  }
  return { vector, scores: scores.length === 0 ? undefined : scores };
}

function rank(vector: string): number {
  if (vector.startsWith('CVSS:4')) return 4;
  return vector.startsWith('CVSS:3') || vector.includes('/PR:') ? 3 : 2;
}

const FIX_WORDS: ReadonlyMap<string, FixState> = new Map<string, FixState>([
  ['YES', 'yes'],
  ['NO', 'no'],
  ['PARTIAL', 'partial'],
]);

/** AWS's FixAvailable; when it is silent a fixed version says yes, and nothing says unknown. */
export function fixState(word: unknown, fixedIn: string | undefined): FixState {
  const known = typeof word === 'string' ? FIX_WORDS.get(word.toUpperCase()) : undefined;
  return known ?? (fixedIn === undefined ? 'unknown' : 'yes');
}

const NO_VERSION = /^(?:notavailable|not available|none|n\/a|unknown|-|)$/i;

/** Real exports write "NotAvailable" where no fixed version is known. */
export function fixedVersion(value: unknown): string | undefined {
  const version = text(value)?.trim();
  if (version !== undefined && startsWithDigit(version)) return version;
  return version === undefined || NO_VERSION.test(version) ? undefined : version;
}

function startsWithDigit(version: string): boolean {
  const first = version.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

const OS_MANAGERS: ReadonlySet<string> = new Set(['OS', 'RPM', 'DPKG', 'APK', 'BREW', 'OS_PKGS']);

/** Paths tell language packages apart; an operating system's package is there once. */
export function packagePath(manager: string | undefined, path: unknown): string | undefined {
  // Most records name no path, and then the manager does not matter.
  const found = text(path);
  if (found === undefined || manager === undefined || OS_MANAGERS.has(manager.toUpperCase()))
    return undefined;
  return found;
}

/** `7.88.1-10+deb12u8`: how package managers print it; the epoch is left out because few sources give one. */
export function packageVersion(version: string | undefined, release: string | undefined): string | undefined {
  return version === undefined || release === undefined || version.endsWith(`-${release}`)
    ? version
    : `${version}-${release}`;
}
