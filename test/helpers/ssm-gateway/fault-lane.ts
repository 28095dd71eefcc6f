/** One direction of a session with faults: latency, drop, duplicate, reorder, a wrong digest, silence. */
import type { Random } from './random.js';
import { frameType } from './wire.js';

export interface LaneFaults {
  /** One way, in milliseconds. */
  latency?: number;
  /** Probabilities from 0 to 1. */
  drop?: number;
  duplicate?: number;
  /** Held back by up to `reorderBy` milliseconds while others pass. */
  reorder?: number;
  reorderBy?: number;
  corrupt?: number;
  /** Only these message types are harmed; all of the stream's when absent. */
  only?: readonly string[];
}

const HARMED = ['input_stream_data', 'output_stream_data', 'acknowledge'];

export class FaultLane {
  readonly counts = { passed: 0, dropped: 0, duplicated: 0, reordered: 0, corrupted: 0 };
  faults: LaneFaults;
  isSilent = false;
  readonly #random: Random;
  readonly #deliver: (frame: Uint8Array) => void;
  readonly #queue: { at: number; frame: Uint8Array }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(faults: LaneFaults, random: Random, deliver: (frame: Uint8Array) => void) {
    this.faults = faults;
    this.#random = random;
    this.#deliver = deliver;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  put(frame: Uint8Array): void {
    if (this.isSilent) return;
    const { drop = 0, duplicate = 0, reorder = 0, reorderBy = 20, corrupt = 0, latency = 0 } = this.faults;
    const isHarmed = drop + duplicate + reorder + corrupt > 0 && this.#isHarmed(frame);
    if (isHarmed && this.#random() < drop) {
      this.counts.dropped++;
      return;
    }
    if (isHarmed && this.#random() < corrupt) {
      this.counts.corrupted++;
      const bad = Uint8Array.from(frame);
      bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 0x55;
      this.#after(latency, bad);
      return;
    }
    this.counts.passed++;
    if (isHarmed && this.#random() < reorder) {
      this.counts.reordered++;
      setTimeout(() => this.#emit(frame), latency + this.#random() * reorderBy);
      return;
    }
    this.#after(latency, frame);
    if (isHarmed && this.#random() < duplicate) {
      this.counts.duplicated++;
      this.#after(latency, frame);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue.length = 0;
  }

  #isHarmed(frame: Uint8Array): boolean {
    return (this.faults.only ?? HARMED).includes(frameType(frame));
  }

  #after(latency: number, frame: Uint8Array): void {
    if (latency === 0 && this.#queue.length === 0) {
      this.#emit(frame);
      return;
    }
    this.#queue.push({ at: performance.now() + latency, frame });
    this.#arm();
  }

  #arm(): void {
    const [next] = this.#queue;
    if (this.#timer !== undefined || next === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const now = performance.now();
        let count = 0;
        while (count < this.#queue.length && (this.#queue[count]?.at ?? 0) <= now) count++;
        for (const { frame } of this.#queue.splice(0, count)) this.#emit(frame);
        this.#arm();
      },
      Math.max(0, next.at - performance.now()),
    );
  }

  #emit(frame: Uint8Array): void {
    if (!this.isSilent) this.#deliver(frame);
  }
}
