/** What a runner says of the jobs it has leased; every write carries the epoch of its claim. */
import { isRocError } from '../../../kernel/errors.js';
import { appendLogs } from '../../jobs/append-logs.js';
import { createClaimer } from '../../jobs/claim-together.js';
import { createCompleter } from '../../jobs/complete-together.js';
import { leasedBlobKey } from '../../jobs/leased-package.js';
import { createStarter } from '../../jobs/start-together.js';
import { openCiphertext } from '../../packages/open-package.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';
import { poll } from './runner-poll.js';

type RunnerJobRoutes =
  | 'runner.poll'
  | 'runner.started'
  | 'runner.package'
  | 'runner.logs'
  | 'runner.complete'
  | 'runner.complete-many';

export function runnerJobHandlers(parts: ServerParts): Pick<Handlers, RunnerJobRoutes> {
  const { store, packages, changes } = parts;
  const [claim, start, complete] = [createClaimer(store), createStarter(store), createCompleter(store)];
  return {
    'runner.poll': (call) => poll(parts, claim, call),
    'runner.started': ({ caller, params, body }) => start({ ...body, jobId: params.id, runnerId: caller.id }),
    'runner.package': async ({ caller, params, query }) => {
      const blobKey = await leasedBlobKey(store, { ...query, jobId: params.id, runnerId: caller.id });
      const { stream, size } = await openCiphertext(packages, { blobKey });
      return { content: stream, type: 'application/octet-stream', sizeBytes: size };
    },
    'runner.logs': async ({ caller, params, body }) => {
      const lines = body.lines.map(({ at, ...line }) => ({ ...line, at: Date.parse(at) }));
      const lease = { jobId: params.id, epoch: body.epoch, runnerId: caller.id };
      const answer = await appendLogs(store, lease, lines);
      changes.tell(params.id);
      return answer;
    },
    'runner.complete': ({ caller, params, body }) =>
      complete({ ...body, jobId: params.id, runnerId: caller.id }),
    'runner.complete-many': async ({ caller, body }) => ({
      results: await Promise.all(
        body.results.map(async (result) => {
          const { jobId, epoch } = result;
          return { jobId, epoch, ...(await answerTo(complete({ ...result, runnerId: caller.id }))) };
        }),
      ),
    }),
  };
}

/** Who lost one lease still learns of the others; what may go better later fails all, and all may be sent again. */
function answerTo(completed: Promise<{ state: string }>) {
  return completed.then(
    ({ state }) => ({ state, code: null }),
    (error: unknown) => {
      if (isRocError(error) && error.code === 'ROC_STALE_LEASE') return { state: null, code: error.code };
      throw error;
    },
  );
}
