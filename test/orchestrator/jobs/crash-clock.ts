/** A clock that all processes of the crash test share, and on which a lease of a minute is over in a fifth of a second. */

const START = Date.UTC(2024, 0, 1);
const SPEED = 300;

export function crashClock(): number {
  return Math.round(START + (Date.now() - START) * SPEED);
}
