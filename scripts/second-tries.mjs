// A reporter for vitest: who passed only at the second try (ROC_TEST_RETRY) is named, so that it is mended some day.
import { noteForSummary } from './summary-notes.mjs';

export default class SecondTries {
  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    noteForSummary(`passed at a second try: ${test.fullName} (${test.module.relativeModuleId})`);
    for (const { message } of test.result().errors ?? []) noteForSummary(`  at first: ${firstLine(message)}`);
  }
}

function firstLine(message) {
  return message.split('\n')[0].slice(0, 300);
}
