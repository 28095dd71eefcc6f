/** The gateway as a process of its own: options as JSON in argv, one line with its URL, statistics on request. */
import { createInterface } from 'node:readline';
import { healthyAccount } from './account.js';
import { fakeFleet } from './fleet.js';
import { type GatewayOptions, startGateway } from './gateway.js';
import { startWorkload } from './workload.js';

const options = JSON.parse(process.argv[2] ?? '{}') as GatewayOptions & { port?: number };
const gateway = await startGateway(
  { ...options, aws: { ...healthyAccount(), ...fakeFleet() } },
  options.port ?? 0,
);
const workload = await startWorkload();
process.stdout.write(`${JSON.stringify({ url: gateway.url, workloadPort: workload.port })}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb] = line.split(' ');
  if (verb === 'bye') for (const session of gateway.sessions.values()) session.bye();
  if (verb === 'cut') for (const session of gateway.sessions.values()) session.cut();
  if (verb === 'silent') for (const session of gateway.sessions.values()) session.fallSilent();
  const sessions = [...gateway.sessions.values()].map((session) => ({
    id: session.id,
    links: session.links,
    stats: session.agent?.stats,
    unacknowledged: session.agent?.unacknowledged,
    lanes: { toAgent: session.toAgent.counts, toClient: session.toClient.counts },
  }));
  process.stdout.write(
    `${JSON.stringify({ complaints: gateway.complaints, calls: gateway.aws.calls, sessions })}\n`,
  );
});
process.stdin.on('end', () => process.exit(0));
