import { writeFileSync } from 'node:fs';

/** How many tests ended which way. @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @typedef {import('vitest/node').TestModule} TestModule */
/** @typedef {import('vitest/node').TestCase} TestCase */

/** Names the file that gets the counts as JSON instead of their being printed; set by `scripts/test.mjs`. */
export const summaryFileVariable = 'LATCHKEY_TEST_SUMMARY_FILE';

/**
 * The last line of a test run. Skipped tests are told only when there are some.
 * @param {Counts} counts
 */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Counts a run by test case. A file or a describe block that broke outside its tests, and an error nobody caught, count
 * as a failure each. A test skipped without a printed reason counts as failed. Tests that a name filter left out do
 * not count.
 * @param {Iterable<TestModule>} modules
 * @param {number} uncaughtErrors
 * @param {RegExp | undefined} nameFilter the run's `-t`
 * @returns {{ readonly counts: Counts, readonly notes: readonly string[] }} `notes` say why tests were skipped
 */
export function countRun(modules, uncaughtErrors, nameFilter) {
  const counts = { passed: 0, failed: uncaughtErrors, skipped: 0 };
  /** @type {string[]} */
  const notes = [];
  for (const module of modules) {
    for (const broken of [module, ...module.children.allSuites()])
      if (broken.errors().length > 0) counts.failed += 1;
    if (module.state() === 'failed' && module.children.size === 0 && module.errors().length === 0)
      counts.failed += 1;
    for (const test of module.children.allTests()) countTest(test, nameFilter, counts, notes);
  }
  return { counts, notes };
}

/**
 * @param {TestCase} test
 * @param {RegExp | undefined} nameFilter
 * @param {Counts} counts
 * @param {string[]} notes
 */
function countTest(test, nameFilter, counts, notes) {
  const result = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  if (result.state === 'passed') {
    counts.passed += 1;
  } else if (result.state === 'failed') {
    counts.failed += 1;
  } else if (result.state === 'pending') {
    counts.failed += 1;
    notes.push(`FAILED ${name}: did not finish`);
  } else if (result.note) {
    counts.skipped += 1;
    notes.push(`skipped ${name}: ${result.note}`);
  } else if (liesInBrokenBlock(test)) {
    counts.skipped += 1;
    notes.push(`skipped ${name}: the set-up around it failed`);
  } else if (nameFilter === undefined || nameFilter.test(test.fullName.replaceAll(' > ', ' '))) {
    counts.failed += 1;
    notes.push(`FAILED ${name}: skipped without a reason (call ctx.skip('reason') inside the test)`);
  }
}

/** @param {TestCase} test */
function liesInBrokenBlock(test) {
  for (let block = test.parent; ; block = block.parent) {
    if (block.errors().length > 0) return true;
    if (block.type === 'module') return false;
  }
}

/**
 * A run that ends badly although no test failed (no test was found, say) has failed once.
 * @param {Counts} counts
 */
function believeExitCode(counts) {
  const endsBadly = process.exitCode !== undefined && process.exitCode !== 0;
  return endsBadly && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * The vitest reporter: prints the reasons of skipped tests, then the counts as the very last line of the process (or
 * leaves them in the file that `LATCHKEY_TEST_SUMMARY_FILE` names).
 * @returns {import('vitest/node').Reporter}
 */
export function createSummaryReporter() {
  /** @type {RegExp | undefined} */
  let nameFilter;
  return {
    onInit(vitest) {
      nameFilter = vitest.config.testNamePattern;
    },
    onTestRunEnd(modules, errors, reason) {
      const { counts, notes } = countRun(modules, errors.length, nameFilter);
      if (reason === 'interrupted') counts.failed += 1;
      for (const note of notes) console.log(note);
      if (counts.failed > 0) process.exitCode = 1;
      const file = process.env[summaryFileVariable];
      if (file === undefined) process.once('exit', () => console.log(formatCounts(believeExitCode(counts))));
      else writeFileSync(file, JSON.stringify(counts));
    },
  };
}

// vitest makes a reporter of the default export with `new`; a function that returns an object serves.
export { createSummaryReporter as default };
