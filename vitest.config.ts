import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // oclif writes to process.stdout itself; vitest's interception would hide it from captureOutput.
    disableConsoleIntercept: true,
    globalSetup: ['test/helpers/run-dir.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/**/*.integration.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
