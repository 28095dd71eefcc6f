/** Shares what there is among those who ask together. */

/** One to each in turn, to nobody more than he has room for: a few jobs keep many runners busy, not one. */
export function deal<T>(items: readonly T[], rooms: readonly number[]): T[][] {
  const hands: T[][] = rooms.map(() => []);
  let open = hands.filter((_, n) => (rooms[n] ?? 0) > 0);
  for (let next = 0; next < items.length && open.length > 0; ) {
    for (const hand of open) {
      const item = items[next++];
      if (item !== undefined) hand.push(item);
    }
    open = open.filter((hand) => hand.length < (rooms[hands.indexOf(hand)] ?? 0));
  }
  return hands;
}
