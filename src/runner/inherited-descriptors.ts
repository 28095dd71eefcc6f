/** Closes what the runner was started with beyond its three streams: a robot would get it too. */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC, octal, in /proc/PID/fdinfo (open(2), proc(5)). */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Node opens everything so that it closes in children; what does not was left open by who started this process (a
 * shell's lock, a log of a supervisor). Linux only; elsewhere children inherit what their parent was given.
 */
export function closeInheritedDescriptors(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInherited(descriptor)) closeSync(descriptor);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // The one that the listing itself was read through.
    return false;
  }
}
