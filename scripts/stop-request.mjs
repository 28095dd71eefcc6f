// Ctrl-C once asks to stop, again later insists. npm and the terminal each send the same one: that counts once.
const SAME_WITHIN_MS = 1000;

/** @returns {{ signal: AbortSignal, requested: Promise<void>, dispose: () => void }} */
export function stopRequest() {
  const controller = new AbortController();
  let at = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      at = performance.now();
      controller.abort();
    } else if (performance.now() - at > SAME_WITHIN_MS) process.exit(130);
  };
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    requested: new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve())),
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
