import type { Reporter, TestModule } from 'vitest/node';
import { addCounts } from './counts.ts';

/**
 * Appends what one vitest run came to, as a line of JSON, to the file named by WHY403_COUNTS. A file that
 * does not even load, and an error outside of any test, count as one failure each.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env['WHY403_COUNTS'];
    if (file === undefined) return;
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
      const brokenSuites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      counts.failed += brokenSuites.length + (module.errors().length > 0 ? 1 : 0);
    }
    addCounts(file, counts);
  }
}
