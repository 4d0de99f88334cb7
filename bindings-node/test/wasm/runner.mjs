// node:test for runtimes that have none: tests wait for `run`.

const tests = [];

export function test(name, call) {
  tests.push({ name, call });
}

/** How many tests there are, and what those that failed said. */
export async function run() {
  const failed = [];
  for (const { name, call } of tests) {
    try {
      await call();
    } catch (error) {
      failed.push(`${name}: ${error.stack ?? error}`);
    }
  }
  return { cases: tests.length, failed };
}
