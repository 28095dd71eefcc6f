/** For commands that carry streams for hours: what they allocate dies young, so a large young heap only holds memory. */
import { setFlagsFromString } from 'node:v8';

/** Keeps V8's young generation at the size that it has now. Early in run(), before it grows. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
