import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { createJobControl } from '../../src/runner/job-control.js';
import { DEFAULT_LOG_LIMITS, openJobLog } from '../../src/runner/job-log.js';
import type { Link } from '../../src/runner/link.js';
import { uploadLog } from '../../src/runner/log-upload.js';
import { fakeTiming } from '../helpers/fake-timing.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('log-upload');

interface Body {
  readonly epoch: number;
  readonly lines: { readonly seq: number; readonly text: string }[];
}

/** A server that takes lines as it should, unless `fault` has something else to say. */
function scene(fault: (body: Body, request: number) => number | null = () => null) {
  const timing = fakeTiming();
  const path = join(newDir(), 'a.log');
  const log = openJobLog(path, { ...DEFAULT_LOG_LIMITS, batchBytes: 2000 });
  const job = createJobControl({ jobId: 'J', epoch: 4 }, 60_000, 0);
  const leaving = new AbortController();
  const requests: { at: number; body: Body }[] = [];
  const warnings: string[] = [];
  const link = {
    async call(_: string, { body }: { body: Body }) {
      requests.push({ at: timing.mono(), body });
      const status = fault(body, requests.length);
      if (status !== null && status >= 400)
        throw new RocError('ROC_UNEXPECTED', 'x', { details: { status, retryAfter: null } });
      return { nextSeq: status ?? (body.lines.at(-1)?.seq ?? 0) + 1 };
    },
  } as unknown as Link;
  const ended = uploadLog({
    log,
    job,
    link,
    timing,
    signal: leaving.signal,
    warn: (text) => warnings.push(text),
  });
  const texts = () => requests.flatMap(({ body }) => body.lines.map(({ text }) => text));
  return { timing, log, path, job, leaving, requests, warnings, ended, texts };
}

describe('the upload of a log', () => {
  it('sends the first line at once and gathers those that follow', async () => {
    const { timing, log, requests, ended, texts } = scene();
    log.add('stdout', ['a'], 0);
    await timing.settle();
    log.add('stdout', ['b'], 0);
    log.add('stdout', ['c'], 0);
    await timing.advance(1000);
    log.finish();
    await ended;
    expect(requests.map(({ at, body }) => [at, body.epoch, body.lines.length])).toEqual([
      [0, 4, 1],
      [150, 4, 2],
    ]);
    expect(texts()).toEqual(['a', 'b', 'c']);
  });

  it('does not dawdle when it is behind, nor at the end', async () => {
    const { timing, log, requests, ended, texts } = scene();
    log.add(
      'stdout',
      Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(80)}`),
      0,
    );
    log.finish();
    await ended;
    expect(requests.length).toBeGreaterThan(5);
    expect(timing.mono()).toBe(0);
    expect(texts()).toHaveLength(100);
  });

  it('tries the same lines again until they are taken', async () => {
    const { timing, log, ended, texts } = scene((_, request) => (request < 3 ? 500 : null));
    log.add('stdout', ['a', 'b'], 0);
    log.finish();
    await timing.advance(10_000);
    await ended;
    expect(texts()).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('stops the job where its epoch is stale', async () => {
    const { log, job, ended } = scene(() => 409);
    log.add('stdout', ['a'], 0);
    await ended;
    expect(job.reason).toBe('lost');
  });

  it('tells refused lines by their place, so that the numbers have no gap', async () => {
    const { timing, log, ended, requests, warnings } = scene((_, request) => (request === 1 ? 400 : null));
    log.add('stdout', ['bad', 'worse'], 0);
    await timing.settle();
    log.add('stdout', ['good'], 0);
    await timing.advance(1000);
    log.finish();
    await ended;
    expect(requests.slice(1).map(({ body }) => body.lines.map(({ seq, text }) => [seq, text]))).toEqual([
      [
        [1, 'a line that the server refused'],
        [2, 'a line that the server refused'],
      ],
      [[3, 'good']],
    ]);
    expect(warnings).toEqual(['the server refused 2 log lines of job J']);
  });

  it.each([
    ['refuses even that', 400],
    ['lost lines that it had', 1],
  ])('gives up where the server %s, and the robot goes on', async (_, answer) => {
    const { log, job, ended, warnings } = scene(() => answer);
    log.add('stdout', ['a', 'b'], 0);
    await ended;
    expect(job.reason).toBeNull();
    expect(warnings).toHaveLength(1);
    log.add('stdout', ['c'], 0);
    await log.room();
  });

  it('leaves the file to the next agent when this one must go', async () => {
    const { timing, log, leaving, ended } = scene(() => 500);
    log.add('stdout', ['a'], 0);
    await timing.settle();
    leaving.abort();
    await ended;
    expect(log.next().map(({ text }) => text)).toEqual(['a']);
    log.close(false);
  });

  it('ends, instead of asking for ever, where the file was cut under it', async () => {
    const { log, ended, requests, path } = scene();
    log.add('stdout', ['a'], 0);
    truncateSync(path);
    await expect(ended).rejects.toMatchObject({ code: 'ROC_DATA_DIR_UNUSABLE' });
    expect(requests).toEqual([]);
    log.close(false);
  });
});
