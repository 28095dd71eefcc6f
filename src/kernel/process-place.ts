/** Whether a process still lives, and where its number means something. */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whether a process of this number runs here; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The host and, on Linux, the pid namespace: containers may share the host's name while the number of one is
 * nobody's, or somebody else's, in another (pid_namespaces(7)).
 */
export function processPlace(): string {
  return `${hostname()} ${pidNamespace()}`.trim();
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
