// Runs the tests of every kind of fixtures where there is no node:test.
import { REQUESTS, STREAMS } from '../replay/kinds.mjs';
import { unread } from './files.mjs';

/** How many kinds and cases there are, what those that failed said, and which files no case read. */
export async function run() {
  const kinds = Object.values({ ...STREAMS, ...REQUESTS });
  const tests = kinds.flat();
  const failed = [];
  for (const { name, run } of tests) {
    try {
      await run();
    } catch (error) {
      failed.push(`${name}: ${error.stack ?? error}`);
    }
  }
  return { kinds: kinds.length, cases: tests.length, failed, unread: unread() };
}
