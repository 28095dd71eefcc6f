/** OpenVEX and CycloneDX VEX documents as statements; what cannot count is refused with its reason. */
import { readFile } from 'node:fs/promises';
import { RocError } from '../../kernel/errors.js';
import { isObject, type JsonObject, object, objects, text } from '../adapters/json.js';
import { parseInstant } from '../instant.js';
import { JUSTIFICATIONS } from '../policy.js';
import { FROM_CYCLONEDX, STATUS_FROM_CYCLONEDX } from './justifications.js';
import { type Justification, untilOf, VEX_STATUSES, type VexStatement, type VexStatus } from './statement.js';

export interface ReadVex {
  readonly statements: readonly VexStatement[];
  /** Statements that were left out, and why. */
  readonly refused: readonly string[];
}

/** @throws RocError ROC_INVALID_INPUT when the file is neither format */
export async function readVexFile(file: string): Promise<ReadVex> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, {
      hint: 'Check the path given to --vex.',
      cause,
    });
  });
  let document: unknown;
  try {
    document = JSON.parse(content.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${file} is not JSON`, {
      hint: 'Give an OpenVEX or CycloneDX document.',
      cause,
    });
  }
  return readVex(document, file);
}

function readVex(document: unknown, file: string): ReadVex {
  if (isObject(document) && text(document['@context'])?.includes('openvex') === true)
    return readOpenVex(document, file);
  if (isObject(document) && document['bomFormat'] === 'CycloneDX') return readCycloneDx(document, file);
  throw new RocError('ROC_INVALID_INPUT', `${file} is no VEX document`, {
    hint: 'Expected OpenVEX (with @context) or CycloneDX (with bomFormat).',
  });
}

type Candidate = Omit<VexStatement, 'status' | 'timestamp' | 'until'> & {
  readonly status: VexStatus | undefined;
  readonly timestamp: number | null;
};

function sift(candidates: readonly Candidate[], file: string): ReadVex {
  const statements: VexStatement[] = [];
  const refused: string[] = [];
  for (const candidate of candidates) {
    const why = whyRefused(candidate);
    const { status, timestamp } = candidate;
    if (why !== null || status === undefined || timestamp === null)
      refused.push(`${file}: statement ${candidate.id}: ${why ?? 'incomplete'}`);
    else statements.push({ ...candidate, status, timestamp, until: untilOf(candidate.impact) });
  }
  return { statements, refused };
}

// OpenVEX: not_affected MUST carry a justification or an impact statement; and no statement speaks of every product.
function whyRefused({
  status,
  timestamp,
  vulnerability,
  products,
  justification,
  impact,
}: Candidate): string | null {
  if (status === undefined) return 'its status is none of the format';
  if (timestamp === null) return 'it has no timestamp, so that its age is unknown';
  if (vulnerability.length === 0) return 'it names no vulnerability';
  if (products.length === 0) return 'it names no product';
  if (status === 'not_affected' && justification === null && impact === null)
    return 'not_affected needs a justification or an impact statement';
  return null;
}

function readOpenVex(document: JsonObject, file: string): ReadVex {
  const author = text(document['author']) ?? 'unknown';
  return sift(
    objects(document['statements']).map((statement, index): Candidate => {
      const vulnerability = statement['vulnerability'];
      const names = isObject(vulnerability)
        ? [text(vulnerability['name']), text(vulnerability['@id']), ...strings(vulnerability['aliases'])]
        : [text(vulnerability)];
      const products = Array.isArray(statement['products']) ? statement['products'] : [];
      return {
        id: text(statement['@id']) ?? `${text(document['@id']) ?? file}#${index + 1}`,
        file,
        vulnerability: names.filter((name) => name !== undefined),
        products: products.flatMap(identifiersOf),
        subcomponents: objects(products).flatMap((product) =>
          (Array.isArray(product['subcomponents']) ? product['subcomponents'] : []).flatMap(identifiersOf),
        ),
        status: VEX_STATUSES.find((status) => status === statement['status']),
        justification: JUSTIFICATIONS.find((label) => label === statement['justification']) ?? null,
        impact: text(statement['impact_statement']) ?? null,
        author,
        timestamp: parseInstant(
          statement['last_updated'] ??
            statement['timestamp'] ??
            document['last_updated'] ??
            document['timestamp'],
        ),
      };
    }),
    file,
  );
}

function identifiersOf(product: unknown): string[] {
  if (typeof product === 'string') return [product];
  if (!isObject(product)) return [];
  const identifiers = object(product['identifiers']);
  const hashes = object(product['hashes']);
  const digest = text(hashes['sha-256']) ?? text(hashes['sha256']);
  return [
    text(product['@id']),
    text(identifiers['purl']),
    digest === undefined ? undefined : `@sha256:${digest}`,
  ].filter((entry) => entry !== undefined);
}

function readCycloneDx(document: JsonObject, file: string): ReadVex {
  const metadata = object(document['metadata']);
  const author =
    text(objects(metadata['authors'])[0]?.['name']) ??
    text(object(metadata['supplier'])['name']) ??
    text(object(metadata['manufacture'])['name']) ??
    'unknown';
  const purls = new Map(
    [object(metadata['component']), ...objects(document['components'])].map((component) => [
      text(component['bom-ref']) ?? '',
      text(component['purl']) ?? text(component['name']) ?? '',
    ]),
  );
  const analysed = objects(document['vulnerabilities']).filter((entry) => isObject(entry['analysis']));
  return sift(
    analysed.map((entry, index): Candidate => {
      const analysis = object(entry['analysis']);
      return {
        id: text(entry['bom-ref']) ?? `${text(entry['id']) ?? 'vulnerability'}#${index + 1}`,
        file,
        vulnerability: [
          text(entry['id']),
          ...objects(entry['references']).map((reference) => text(reference['id'])),
        ].filter((id) => id !== undefined),
        products: objects(entry['affects'])
          .map((affected) => text(affected['ref']) ?? '')
          .map((ref) => purls.get(ref) ?? ref)
          .filter((ref) => ref !== ''),
        subcomponents: [],
        status: STATUS_FROM_CYCLONEDX.get(text(analysis['state']) ?? ''),
        justification: justificationOf(analysis),
        impact: text(analysis['detail']) ?? null,
        author,
        timestamp: parseInstant(
          analysis['lastUpdated'] ??
            analysis['firstIssued'] ??
            entry['updated'] ??
            entry['published'] ??
            metadata['timestamp'],
        ),
      };
    }),
    file,
  );
}

function justificationOf(analysis: JsonObject): Justification | null {
  if (analysis['state'] === 'false_positive') return 'vulnerable_code_not_present';
  return FROM_CYCLONEDX.get(text(analysis['justification']) ?? '') ?? null;
}

function strings(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).filter((entry): entry is string => typeof entry === 'string');
}
