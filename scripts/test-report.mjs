// Reads vitest's JSON report: what passed and failed, and what did not run because the host lacks a part.

/** No program that a host could install: files of others that are not part of the project. */
const ONLY_BY_NAME = new Set(['shared-data', 'shared-metrics']);

/**
 * @param report vitest's JSON report, or null where it wrote none
 * @param exitCode what vitest ended with, null where a signal ended it
 * @param required names of parts that must not be missing, or ['all'] for every program
 * @returns counts, and one line for each thing a person should know
 */
export function summarize(report, exitCode, required = []) {
  const tests = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const missing = missingParts(tests);
  const broken = brokenFiles(report);
  const passed = count('passed');
  let failed = count('failed') + broken.length;
  let skipped = count('skipped', 'pending', 'todo', 'disabled');
  const lines = [...failedTests(report), ...broken.map((file) => `broken: ${file}`)];
  for (const { part, why, remedy, tests: number } of missing) {
    const isRequired = required.includes(part) || (required.includes('all') && !ONLY_BY_NAME.has(part));
    lines.push(
      `not run: ${part} (${why}), ${number} ${number === 1 ? 'test' : 'tests'}${isRequired ? ', but required' : ''}; to run them: ${remedy}`,
    );
    if (isRequired) {
      failed += number;
      skipped -= number;
    }
  }
  if (exitCode !== 0 && failed === 0) {
    lines.push(
      `vitest ended with ${exitCode ?? 'a signal'} though no test failed: an error outside the tests, see above`,
    );
    failed = 1;
  }
  return { passed, failed, skipped, lines };
}

/** The last line, for people and scripts alike. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

// The title is written by describeWith in test/helpers/parts.ts.
function missingParts(tests) {
  const parts = new Map();
  for (const test of tests) {
    const match = /\[not run: (?<part>[\w-]+) \((?<why>[^)]*)\); (?<remedy>[^\]]*)\]/.exec(test.fullName);
    if (!match) continue;
    const { part, why, remedy } = match.groups;
    const known = parts.get(part) ?? { part, why, remedy, tests: 0 };
    parts.set(part, { ...known, tests: known.tests + 1 });
  }
  return [...parts.values()].sort((a, b) => a.part.localeCompare(b.part));
}

function failedTests(report) {
  return (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `failed: ${test.fullName} (${file.name})`),
  );
}

// A file that fails to load, or whose beforeAll fails, may have no failed test to its name.
function brokenFiles(report) {
  return (report?.testResults ?? [])
    .filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    )
    .map((file) => file.name);
}
