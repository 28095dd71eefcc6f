/** The largest value of sliding windows of several lengths, in constant time a step: one deque whose values only fall. */

/** `[at, value, at, value, …]`, oldest first, values falling. */
export type WindowState = readonly number[];

export interface MaxWindows {
  push(at: number, value: number): void;
  /** Largest value of the last so many milliseconds; 0 where there is none. `index` is that of the span. */
  max(index: number, now: number): number;
  /** The clock was put back: nothing lies in the future. */
  rebase(now: number): void;
  save(): WindowState;
}

/**
 * @param spans lengths in milliseconds
 * @param slot values so close in time are kept as one, so that the deque stays small whatever the spans
 */
export function createMaxWindows(
  spans: readonly number[],
  slot: number,
  saved: WindowState = [],
): MaxWindows {
  const entries: number[] = [...saved];
  const heads = spans.map(() => 0);
  const longest = spans.indexOf(Math.max(...spans));

  function advance(index: number, now: number): number {
    const from = now - (spans[index] ?? 0);
    let head = heads[index] ?? 0;
    while (head < entries.length && (entries[head] ?? 0) <= from) head += 2;
    heads[index] = head;
    return head;
  }

  // What even the longest span has left behind is dropped, now and then.
  function compact(): void {
    const gone = heads[longest] ?? 0;
    if (gone < 512) return;
    entries.splice(0, gone);
    for (let i = 0; i < heads.length; i++) heads[i] = Math.max(0, (heads[i] ?? 0) - gone);
  }

  return {
    push(at, value) {
      let end = entries.length;
      while (end > 0 && (entries[end - 1] ?? 0) <= value) end -= 2;
      entries.length = end;
      for (let i = 0; i < heads.length; i++) if ((heads[i] ?? 0) > end) heads[i] = end;
      // Within a slot the larger value stands for both, and for the longer time.
      if (end > 0 && Math.floor((entries[end - 2] ?? 0) / slot) === Math.floor(at / slot))
        entries[end - 2] = at;
      else entries.push(at, value);
      advance(longest, at);
      compact();
    },
    max(index, now) {
      return entries[advance(index, now) + 1] ?? 0;
    },
    rebase(now) {
      for (let i = 0; i < entries.length; i += 2) entries[i] = Math.min(entries[i] ?? 0, now);
      heads.fill(0);
    },
    save() {
      return entries.slice(heads[longest] ?? 0);
    },
  };
}
