/** Records what a shell shows, in asciicast version 2 (docs.asciinema.org/manual/asciicast/v2). */
import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { RocError } from '../../kernel/errors.js';

export interface Recording {
  output(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Resolves when all is on disk. */
  end(): Promise<void>;
  /** Why something of it could not be written; null where it is whole. */
  fault(): string | null;
}

export interface RecordingOptions {
  readonly file: string;
  readonly cols: number;
  readonly rows: number;
  readonly title: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Opens a new file, readable by its owner alone: a screen may show secrets.
 * @throws RocError ROC_USAGE when the file is there already or cannot be written
 */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const { file, cols, rows, title, now } = options;
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error: NodeJS.ErrnoException) => reject(cannotRecord(file, error)));
  });
  // A full disk later must not end the session that is being recorded.
  let fault: string | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    fault ??= error.code ?? error.message;
  });
  const startedAt = now();
  const decoder = new StringDecoder('utf8');
  const header = { version: 2, width: cols, height: rows, timestamp: Math.floor(startedAt / 1000), title };
  stream.write(`${JSON.stringify(header)}\n`);
  const event = (code: string, data: string) => {
    const seconds = Math.round((now() - startedAt) * 1000) / 1_000_000;
    if (data !== '') stream.write(`${JSON.stringify([seconds, code, data])}\n`);
  };
  return {
    output: (bytes) => event('o', decoder.write(Buffer.from(bytes))),
    resize: (width, height) => event('r', `${width}x${height}`),
    async end() {
      event('o', decoder.end());
      await new Promise<void>((resolve) => stream.end(() => resolve()));
    },
    fault: () => fault,
  };
}

function cannotRecord(file: string, error: NodeJS.ErrnoException): RocError {
  const isThere = error.code === 'EEXIST';
  return new RocError(
    'ROC_USAGE',
    isThere ? `${file} is there already` : `${file} cannot be written: ${error.message}`,
    {
      hint: 'Name a new file with --record.',
      cause: error,
    },
  );
}
