/** A discrete-event simulation: a clock that jumps from event to event, and the resources that events wait for. Pure. */

export interface Simulation {
  /** Milliseconds since it began. */
  now(): number;
  after(ms: number, work: () => void): void;
  /** Runs until nothing is left to happen, or until this time. */
  run(untilMs: number): void;
}

/** Something that so many may use at a time; the others wait in the order in which they came. */
export interface Resource {
  acquire(granted: () => void): void;
  release(): void;
  /** Takes a unit, keeps it for so long, gives it back. */
  use(ms: number, done: () => void): void;
  /** Unit-milliseconds in use so far. */
  busyMs(): number;
  waiting(): number;
}

export function createSimulation(): Simulation {
  const events = createHeap();
  let time = 0;
  return {
    now: () => time,
    after: (ms, work) => events.push(time + Math.max(0, ms), work),
    run: (untilMs) => {
      for (let next = events.peek(); next !== null && next <= untilMs; next = events.peek()) {
        time = next;
        events.pop()();
      }
      time = Math.max(time, untilMs);
    },
  };
}

export function createResource(simulation: Simulation, units: number): Resource {
  const waiting: (() => void)[] = [];
  let head = 0;
  let [free, busy, since] = [units, 0, 0];
  const account = () => {
    busy += (units - free) * (simulation.now() - since);
    since = simulation.now();
  };
  const resource: Resource = {
    acquire: (granted) => {
      if (free === 0) {
        waiting.push(granted);
        return;
      }
      account();
      free--;
      granted();
    },
    release: () => {
      const next = waiting[head];
      if (next === undefined) {
        account();
        free++;
        return;
      }
      head++;
      if (head > 1000 && head * 2 > waiting.length) {
        waiting.splice(0, head);
        head = 0;
      }
      next();
    },
    use: (ms, done) =>
      resource.acquire(() =>
        simulation.after(ms, () => {
          resource.release();
          done();
        }),
      ),
    busyMs: () => {
      account();
      return busy;
    },
    waiting: () => waiting.length - head,
  };
  return resource;
}

/** The log of a database: one write at a time, each taking all commits that came while the one before was under way. */
export function createCommitLog(
  simulation: Simulation,
  syncMs: number,
): { commit(done: () => void): void; writes(): number } {
  let waiting: (() => void)[] = [];
  let [isWriting, writes] = [false, 0];
  const write = () => {
    const taken = waiting;
    waiting = [];
    isWriting = true;
    writes++;
    simulation.after(syncMs, () => {
      isWriting = false;
      if (waiting.length > 0) write();
      for (const done of taken) done();
    });
  };
  return {
    commit: (done) => {
      waiting.push(done);
      if (!isWriting) write();
    },
    writes: () => writes,
  };
}

/** Earliest first; what was put in first goes first among equals. */
function createHeap() {
  const [times, orders, works]: [number[], number[], (() => void)[]] = [[], [], []];
  let order = 0;
  const isBefore = (a: number, b: number) => {
    const [x = 0, y = 0] = [times[a], times[b]];
    return x < y || (x === y && (orders[a] ?? 0) < (orders[b] ?? 0));
  };
  const swap = (a: number, b: number) => {
    for (const list of [times, orders, works] as unknown[][]) [list[a], list[b]] = [list[b], list[a]];
  };
  return {
    peek: () => times[0] ?? null,
    push: (time: number, work: () => void) => {
      let at = times.length;
      times.push(time);
      orders.push(order++);
      works.push(work);
      for (let up = (at - 1) >> 1; at > 0 && isBefore(at, up); up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    pop: (): (() => void) => {
      const first = works[0] as () => void;
      swap(0, times.length - 1);
      times.pop();
      orders.pop();
      works.pop();
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < times.length && isBefore(left, least)) least = left;
        if (right < times.length && isBefore(right, least)) least = right;
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}
