import { defineConfig } from 'vitest/config';

// Full sizes (`npm run test:long`) take their time; the reduced ones of every day must not.
const isLong = process.env['ROC_TEST_SIZE'] === 'long';
// Where nobody watches, a test among real programs may try once more, and the summary says so.
const retry = Number(process.env['ROC_TEST_RETRY'] ?? 0);
const integrationTimeout = isLong ? 1_800_000 : 120_000;

export default defineConfig({
  test: {
    // oclif writes to process.stdout itself; vitest's interception would hide it from captureOutput.
    disableConsoleIntercept: true,
    // Most tests wait for other programs or for the disk: one worker a core keeps the machine busy, not crowded.
    maxWorkers: '100%',
    globalSetup: ['test/helpers/run-dir.ts'],
    setupFiles: ['test/helpers/property-limit.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts', '**/node_modules/**'],
          testTimeout: isLong ? 600_000 : 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          testTimeout: integrationTimeout,
          hookTimeout: integrationTimeout,
          retry,
        },
      },
      {
        // What also runs on the other supported Nodes: the built command line itself.
        extends: true,
        test: {
          name: 'smoke',
          include: ['test/cli/*.integration.test.ts'],
          testTimeout: integrationTimeout,
          hookTimeout: integrationTimeout,
          retry,
        },
      },
    ],
  },
});
