/** The largest value of a sliding window, in constant time a step: a deque whose values only fall. */

/** `[at, value, at, value, …]`, oldest first, values falling. */
export type WindowState = readonly number[];

export interface MaxWindow {
  push(at: number, value: number): void;
  /** Largest value at or after `from`; 0 where there is none. */
  max(from: number): number;
  clear(): void;
  save(): WindowState;
}

/** @param slot values so close in time are kept as one, so that the window stays small whatever its length */
export function createMaxWindow(slot: number, saved: WindowState = []): MaxWindow {
  const entries: number[] = [...saved];
  let head = 0;
  return {
    push(at, value) {
      let end = entries.length;
      while (end > head && (entries[end - 1] ?? 0) <= value) end -= 2;
      entries.length = end;
      // Within a slot the larger value stands for both, and for the longer time.
      if (end > head && at - (entries[end - 2] ?? 0) < slot) entries[end - 2] = at;
      else entries.push(at, value);
    },
    max(from) {
      while (head < entries.length && (entries[head] ?? 0) < from) head += 2;
      if (head > 512) {
        entries.splice(0, head);
        head = 0;
      }
      return entries[head + 1] ?? 0;
    },
    clear() {
      entries.length = 0;
      head = 0;
    },
    save: () => entries.slice(head),
  };
}
