import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FollowOptions, followJob, type JobNews } from '../../src/cli/follow-job.js';
import { createClient } from '../../src/protocol/client.js';
import { logLine, sampleId, sampleJob, succeededJob } from '../helpers/api-samples.js';
import { type FakeApi, FakeProblem, startFakeApi } from '../helpers/fake-api.js';

let api: FakeApi;
beforeEach(async () => {
  api = await startFakeApi();
});
afterEach(() => api.close());

const id = sampleId(1);
const fast = { firstRetryMs: 1, lastRetryMs: 5 };

async function follow(options: Partial<FollowOptions> = {}): Promise<JobNews[]> {
  const client = createClient({ url: api.url, userAgent: 'test', token: async () => 'token-of-ada' });
  const news: JobNews[] = [];
  const signal = new AbortController().signal;
  for await (const item of followJob(client, id, { signal, ...fast, ...options })) news.push(item);
  return news;
}

/** Each connection gets the next of these. */
function connections(...scripts: ((response: ServerResponse, lastEventId: string) => void)[]) {
  let n = 0;
  api.answer({
    'jobs.events': () => (response, request) => {
      const script = scripts[Math.min(n++, scripts.length - 1)];
      script?.(response, String(request.headers['last-event-id'] ?? ''));
    },
  });
  return () => n;
}

function begin(response: ServerResponse): (type: string, data: unknown, eventId?: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  return (type, data, eventId) => {
    response.write(
      `${eventId === undefined ? '' : `id: ${eventId}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
    );
  };
}

const texts = (news: JobNews[]) => news.flatMap((item) => (item.type === 'log' ? [item.line.text] : []));
const states = (news: JobNews[]) => news.flatMap((item) => (item.type === 'state' ? [item.job.state] : []));

describe('following a job', () => {
  it('yields lines and states in order, until the end', async () => {
    connections((response) => {
      const send = begin(response);
      send('state', sampleJob({ state: 'running' }));
      send('log', logLine(1, 'one'));
      send('log', logLine(2, 'two'));
      send('something-new', {});
      send('state', succeededJob());
      send('end', {});
      // The server may keep the connection; the client must not wait for it.
    });
    const news = await follow();
    expect(texts(news)).toEqual(['one', 'two']);
    expect(states(news)).toEqual(['running', 'succeeded']);
  });

  it('goes on where it was cut, and shows no line twice', async () => {
    const asked: string[] = [];
    connections(
      (response, last) => {
        asked.push(last);
        const send = begin(response);
        send('log', logLine(1, 'one'), 'a');
        send('log', logLine(2, 'two'), 'b');
        setTimeout(() => response.destroy(), 20);
      },
      (response, last) => {
        asked.push(last);
        const send = begin(response);
        send('log', logLine(2, 'two'), 'b');
        send('log', logLine(3, 'three'), 'c');
        send('log', logLine(1, 'again', { attempt: 2 }), 'd');
        send('end', {});
        response.end();
      },
    );
    const news = await follow();
    expect(texts(news)).toEqual(['one', 'two', 'three', 'again']);
    expect(asked).toEqual(['', 'b']);
    expect(news.filter(({ type }) => type === 'cut')).toHaveLength(1);
  });

  it.each(['ROC_UNAVAILABLE', 'ROC_THROTTLED', 'ROC_UNEXPECTED'] as const)(
    'tries again after %s',
    async (code) => {
      let failures = 3;
      api.answer({
        'jobs.events': () => {
          if (failures-- > 0) throw new FakeProblem(code, 'not now');
          return (response) => {
            const send = begin(response);
            send('end', {});
            response.end();
          };
        },
      });
      expect((await follow()).map(({ type }) => type)).toEqual(['cut', 'cut', 'cut']);
    },
  );

  it.each(['ROC_NOT_FOUND', 'ROC_FORBIDDEN', 'ROC_UNAUTHENTICATED'] as const)(
    'gives up at once on %s',
    async (code) => {
      api.answer({
        'jobs.events': () => {
          throw new FakeProblem(code, 'no such thing');
        },
      });
      await expect(follow()).rejects.toMatchObject({ code });
    },
  );

  it('loses patience with a server that stays away', async () => {
    api.answer({
      'jobs.events': () => {
        throw new FakeProblem('ROC_UNAVAILABLE', 'gone for good');
      },
    });
    await expect(follow({ patienceMs: 50 })).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
  });

  it('loses patience with a server that hangs up on every connection', async () => {
    connections((response) => {
      begin(response);
      response.end();
    });
    await expect(follow({ patienceMs: 50 })).rejects.toMatchObject({ code: 'ROC_UNREACHABLE' });
  });

  it('takes a silent connection for dead, and one with comments for alive', async () => {
    const count = connections(
      (response) => {
        begin(response);
        // A reader that hears nothing must not wait for ever.
      },
      (response) => {
        const send = begin(response);
        let beats = 0;
        const beat = setInterval(() => {
          response.write(':\n\n');
          if (++beats < 8) return;
          clearInterval(beat);
          send('end', {});
          response.end();
        }, 100);
      },
    );
    await follow({ silenceMs: 600 });
    expect(count()).toBe(2);
  });

  it('is content when an ended job has nothing more to say', async () => {
    const count = connections((response) => {
      begin(response)('state', succeededJob());
      response.end();
    });
    expect(states(await follow())).toEqual(['succeeded']);
    expect(count()).toBe(1);
  });

  it.each(['while connected', 'while waiting to try again'])('stops when it is told to, %s', async (when) => {
    const controller = new AbortController();
    if (when === 'while connected') connections((response) => void begin(response));
    else
      api.answer({
        'jobs.events': () => {
          throw new FakeProblem('ROC_UNAVAILABLE', 'not now');
        },
      });
    setTimeout(() => controller.abort(), 30);
    const following = follow({ signal: controller.signal, firstRetryMs: 60_000, lastRetryMs: 60_000 });
    await expect(following).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
  });
});
