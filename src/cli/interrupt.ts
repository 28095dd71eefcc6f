/** Ctrl-C: the first SIGINT or SIGTERM asks to end, the second leaves with 130. A closed stdout and a vanished parent ask to end, too. */

/**
 * Installs the handlers for one command.
 * @returns a signal that aborts at the first interrupt, and `dispose` to take the handlers away
 */
export function interruptible(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const onClosed = () => controller.abort();
  process.stdout.on('error', onClosed);
  // Whoever started this one with a channel to it (roc serve --with-runner) has ended, or asks.
  process.on('disconnect', onClosed);
  const dispose = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.stdout.off('error', onClosed);
    process.off('disconnect', onClosed);
  };
  return { signal: controller.signal, dispose };
}
