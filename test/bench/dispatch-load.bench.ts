/**
 * What load that brings no work costs: a thousand runners that wait, and a long queue before a claim. On MariaDB, one
 * node. `ROC_BENCH_SIZE=full` watches the thousand for a whole minute.
 */
import { startBuiltServer } from '../helpers/built-server.js';
import { startMariadb } from '../helpers/mariadb.js';
import { type BenchRow, median, ratioAtMost, told, valueAtMost } from './bench-row.js';
import { lengthenQueue, shortenQueue, timeClaims } from './dispatch/depth.js';
import { fakeRunner, publishRobot } from './dispatch/fake-runner.js';
import { watchIdle } from './dispatch/idle.js';
import { createLeanClient } from './dispatch/lean-http.js';

const isFull = process.env['ROC_BENCH_SIZE'] === 'full';
const RUNNERS = 1000;
const WATCHED_MS = isFull ? 60_000 : 25_000;
const QUEUED = 100_000;
const CLAIMS = 300;

export async function bench(): Promise<BenchRow[]> {
  const mariadb = await startMariadb({ own: true });
  const database = await mariadb.createDatabase();
  const server = await startBuiltServer('--database', database);
  const { call, close } = createLeanClient(server.url);
  try {
    await publishRobot(server);
    const short = await timeClaims(server, call, CLAIMS);
    await lengthenQueue(server, call, database, QUEUED);
    const long = await timeClaims(server, call, CLAIMS);
    await shortenQueue(database);
    const after = await timeClaims(server, call, CLAIMS);
    const last = await fakeRunner(server, call);
    await last.complete(await last.poll(10, 0));
    const rows = [
      ratioAtMost(
        {
          ...{ case: `claim from a queue of ${QUEUED}, p50 of ${CLAIMS}`, value: median(long), unit: 'ms' },
          ...{
            against: `from a queue of ${CLAIMS}, before and after`,
            againstValue: median([...short, ...after]),
          },
        },
        1.2,
      ),
    ];
    const idle = await watchIdle({ server, mariadb, call, runners: RUNNERS, forMs: WATCHED_MS });
    const nothing = { against: '-', againstValue: null };
    const name = `${RUNNERS} runners that wait`;
    rows.push(
      valueAtMost(
        { case: `${name}, server`, value: idle.serverPercent, unit: '% of a core', ...nothing },
        25,
      ),
      told({ case: `${name}, database`, value: idle.databasePercent, unit: '% of a core', ...nothing }),
      told({ case: `${name}, statements`, value: idle.statements, unit: 'a second', ...nothing }),
      told({ case: `${name}, polls and beats`, value: idle.requests, unit: 'a second', ...nothing }),
    );
    return rows;
  } finally {
    close();
    await server.stop();
    await mariadb.stop();
  }
}
