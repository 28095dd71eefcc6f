import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../faults/seeded.js';
import { createCommitLog, createResource, createSimulation } from './simulation.js';

describe('the clock', () => {
  it('lets everything happen in order of time, and in order of asking among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
        const simulation = createSimulation();
        const seen: [number, number][] = [];
        delays.forEach((ms, n) => {
          simulation.after(ms, () => seen.push([simulation.now(), n]));
        });
        simulation.run(100);
        const expected = delays
          .map((ms, n) => [ms, n])
          .sort(([a = 0, i = 0], [b = 0, j = 0]) => a - b || i - j);
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('stops where it is told to, and goes on from there', () => {
    const simulation = createSimulation();
    const seen: number[] = [];
    for (const ms of [5, 15]) simulation.after(ms, () => seen.push(ms));
    simulation.run(10);
    expect([seen, simulation.now()]).toEqual([[5], 10]);
    simulation.run(20);
    expect(seen).toEqual([5, 15]);
  });
});

/** Mean wait before service, and the share of time in use, of random arrivals at one server. */
function queueOf(perMs: number, service: (random: number) => number, units = 1) {
  const simulation = createSimulation();
  const random = seeded(7);
  const resource = createResource(simulation, units);
  const forMs = 400_000;
  let [waited, served] = [0, 0];
  const arrive = () => {
    const from = simulation.now();
    resource.acquire(() => {
      waited += simulation.now() - from;
      served++;
      simulation.after(service(random.next()), () => resource.release());
    });
    simulation.after(-Math.log(1 - random.next()) / perMs, arrive);
  };
  arrive();
  simulation.run(forMs);
  return { wait: waited / served, busy: resource.busyMs() / forMs / units };
}

describe('a resource, against what queueing theory says', () => {
  it.each([0.3, 0.6, 0.8])('random arrivals, equal service, load %f (Pollaczek-Khinchine)', (load) => {
    const { wait, busy } = queueOf(load, () => 1);
    const expected = load / (2 * (1 - load));
    expect(Math.abs(wait / expected - 1)).toBeLessThan(0.06);
    expect(Math.abs(busy / load - 1)).toBeLessThan(0.02);
  });

  it('random arrivals, random service (M/M/1)', () => {
    const { wait } = queueOf(0.5, (random) => -Math.log(1 - random));
    expect(Math.abs(wait / 1 - 1)).toBeLessThan(0.06);
  });

  it('two servers wait less than one that is twice as fast is loaded (Erlang C)', () => {
    // M/M/2 at load 0.5: the chance to wait is 1/3, the mean wait 1/3 of the mean service.
    const { wait } = queueOf(1, (random) => -Math.log(1 - random), 2);
    expect(Math.abs(wait / (1 / 3) - 1)).toBeLessThan(0.06);
  });
});

it('the log writes together what came while it was writing', () => {
  const simulation = createSimulation();
  const log = createCommitLog(simulation, 10);
  const ends: number[] = [];
  for (const ms of [0, 1, 9, 12]) simulation.after(ms, () => log.commit(() => ends.push(simulation.now())));
  simulation.run(100);
  expect([ends, log.writes()]).toEqual([[10, 20, 20, 30], 3]);
});
