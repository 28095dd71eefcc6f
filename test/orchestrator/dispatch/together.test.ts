import { describe, expect, it } from 'vitest';
import {
  createTogether,
  type TogetherOptions,
  type Waiting,
} from '../../../src/orchestrator/dispatch/together.js';

type Item = Waiting<number, number>;

/** Rounds that end when they are told to; each item is answered with the number of its round. */
function setup() {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  const rounds: { readonly asked: readonly number[]; readonly end: () => void }[] = [];
  const options: TogetherOptions<number, number> = {
    ...{ lanes: 2, enough: 3 },
    take: (waiting: Item[]) => waiting.splice(0, 3),
    round: (batch) =>
      new Promise((done) => {
        const number = rounds.length;
        const end = () => {
          for (const { resolve } of batch) resolve(number);
          done();
        };
        rounds.push({ asked: batch.map(({ asked }) => asked), end });
      }),
  };
  const ask = createTogether(options, () => now);
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { rounds, ask, turn, pass };
}

describe('doing together what is asked together', () => {
  it('serves one alone at once, and what came in one turn of the loop in one round', async () => {
    const { rounds, ask, turn } = setup();
    const alone = ask(1);
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([[1]]);
    rounds[0]?.end();
    expect(await alone).toBe(0);
    const both = [ask(2), ask(3)];
    await turn();
    expect(rounds[1]?.asked).toEqual([2, 3]);
    rounds[1]?.end();
    expect(await Promise.all(both)).toEqual([1, 1]);
  });

  it('gathers what comes while a round is under way, and begins another beside it for a whole batch', async () => {
    const { rounds, ask, turn } = setup();
    const first = ask(1);
    await turn();
    const few = [ask(2), ask(3)];
    await turn();
    expect(rounds.length).toBe(1);
    const third = ask(4);
    await turn();
    expect(rounds[1]?.asked).toEqual([2, 3, 4]);
    const more = [5, 6, 7, 8].map(ask);
    await turn();
    expect(rounds.length).toBe(2);
    for (let n = 0; n < 4; n++) {
      rounds[n]?.end();
      await turn();
    }
    expect(rounds.map(({ asked }) => asked)).toEqual([[1], [2, 3, 4], [5, 6, 7], [8]]);
    await Promise.all([first, ...few, third, ...more]);
  });

  it('does not let others wait with a round that takes long', async () => {
    const { rounds, ask, turn, pass } = setup();
    const stuck = ask(1);
    await turn();
    pass(26);
    const other = ask(2);
    await turn();
    expect(rounds[1]?.asked).toEqual([2]);
    rounds[1]?.end();
    expect(await other).toBe(1);
    rounds[0]?.end();
    await stuck;
  });

  it('gives the place of rounds that never end to others', async () => {
    const { rounds, ask, turn, pass } = setup();
    const stuck = [ask(1)];
    await turn();
    pass(26);
    stuck.push(ask(2));
    await turn();
    pass(26);
    const later = [ask(3)];
    await turn();
    expect(rounds.length).toBe(2);
    pass(5000);
    later.push(ask(4));
    await turn();
    expect(rounds[2]?.asked).toEqual([3, 4]);
    for (const { end } of rounds) end();
    expect(await Promise.all([...stuck, ...later])).toEqual([0, 1, 2, 2]);
  });
});
