/** CISA's Vulnrichment as it is published, one file a CVE in one archive, made into a table of decision points. */
import { type Entry, open as openZip, type ZipFile } from 'yauzl';
import { RocError } from '../../kernel/errors.js';
import { isObject, type JsonObject, object, objects, text } from '../adapters/json.js';

/** `…/2024/3xxx/CVE-2024-3094.json`: the name is matched, and nothing is written under it. */
const RECORD = /(?:^|\/)(CVE-\d{4}-\d{4,10})\.json$/;
const MAX_RECORD_BYTES = 8 * 1024 * 1024;
const HEADER = 'cve,exploitation,automatable,technical_impact,timestamp';

/**
 * The table as comma-separated lines, sorted by CVE.
 * @throws RocError ROC_INVALID_INPUT
 */
export async function vulnrichmentTable(path: string, url: string): Promise<string> {
  const lines: string[] = [];
  try {
    await eachRecord(path, (bytes) => {
      const line = pointsOf(JSON.parse(bytes.toString('utf8')));
      if (line !== null) lines.push(line);
    });
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${url} sent an archive that cannot be read to its end`, {
      hint: 'Try again later, or give another address.',
      cause,
    });
  }
  return `${HEADER}\n${lines.sort().join('\n')}\n`;
}

function eachRecord(path: string, take: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    openZip(path, { lazyEntries: true }, (error, zip) => {
      if (error !== null || zip === undefined) {
        reject(error);
        return;
      }
      const fail = (cause: unknown): void => {
        zip.close();
        reject(cause);
      };
      zip.on('error', fail);
      zip.on('end', () => resolve());
      zip.on('entry', (entry: Entry) => {
        if (!RECORD.test(entry.fileName)) {
          zip.readEntry();
          return;
        }
        readEntry(zip, entry).then((bytes) => {
          take(bytes);
          zip.readEntry();
        }, fail);
      });
      zip.readEntry();
    });
  });
}

function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (entry.uncompressedSize > MAX_RECORD_BYTES) {
      reject(new TypeError(`${entry.fileName} is too large`));
      return;
    }
    zip.openReadStream(entry, (error, stream) => {
      if (error !== null || stream === undefined) {
        reject(error);
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => resolve(Buffer.concat(chunks)));
    });
  });
}

// CVE record format 5: containers.adp[].metrics[].other {type: ssvc, content: {id, options: [{Exploitation}, …]}}.
function pointsOf(record: unknown): string | null {
  const containers = objects(object(object(record)['containers'])['adp']);
  const metrics = containers.flatMap((container) => objects(container['metrics']));
  for (const metric of metrics) {
    const other = object(metric['other']);
    if (other['type'] === 'ssvc' && isObject(other['content'])) return lineOf(other['content']);
  }
  return null;
}

function lineOf(content: JsonObject): string | null {
  const options = new Map(objects(content['options']).flatMap((option) => Object.entries(option)));
  const cells = [
    content['id'],
    options.get('Exploitation'),
    options.get('Automatable'),
    options.get('Technical Impact'),
    content['timestamp'] ?? '-',
  ].map((value) => text(value)?.toLowerCase());
  const isPlain = cells.every((cell) => cell !== undefined && /^[\w .:+-]+$/.test(cell));
  return isPlain ? `${cells[0]?.toUpperCase()},${cells.slice(1).join(',')}` : null;
}
