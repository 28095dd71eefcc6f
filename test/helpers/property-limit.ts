/** Vitest's set-up file: no property holds its worker for ever, since a time-out of a test cannot fire in synchronous code. */
import fc from 'fast-check';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';

/**
 * So long a property may look for counterexamples and make one smaller. One that has not had all its runs by then has
 * failed as well as one that found something.
 */
export const PROPERTY_MS = isLong ? 1_500_000 : 60_000;

fc.configureGlobal({ interruptAfterTimeLimit: PROPERTY_MS, markInterruptAsFailure: true });
