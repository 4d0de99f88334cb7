// Every fixture on every runtime that is installed, byte for byte, and the edge example.
//   TOOLS=FOLDER RUNTIMES=FOLDER node test/wasm/runtimes.mjs [NAME…]
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { answered } from './edge.mjs';
import { inChromium, inProcess, inWorkerd } from './start.mjs';

const here = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const programOf = (name) => `${process.env.RUNTIMES}/${name}/node_modules/.bin/${name}`;
const chromium = process.env.CHROMIUM ?? '';

const names = Object.keys({ ...require('../../index.js'), ...require('../../fetch.js') });

/** The addon, as the package gives it to Node. */
const ADDON = `import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(import.meta.url)});
const own = { ...require('../../index.js'), ...require('../../fetch.js') };
export const { ${names.join(', ')} } = own;`;
const BROWSER = "export * from './browser.mjs';";
const WORKERD = "export * from './workerd.mjs';";

/** What runs the replays, and what they import as the package. */
const RUNTIMES = {
  node: { program: process.execPath, run: inProcess, package: ADDON, env: { SLUICEGATE_NATIVE: 'wasm' } },
  deno: { program: programOf('deno'), args: ['run', '-A', '--no-lock'], run: inProcess, package: BROWSER },
  bun: { program: programOf('bun'), run: inProcess, package: BROWSER },
  workerd: { program: programOf('workerd'), run: inWorkerd, package: WORKERD },
  chromium: { program: chromium, run: inChromium, package: BROWSER },
  'the addon in deno': { program: programOf('deno'), args: ['run', '-A', '--no-lock'], run: inProcess, package: ADDON },
  'the addon in bun': { program: programOf('bun'), run: inProcess, package: ADDON },
};

/** What no runtime reads of the fixtures. */
const NOT_REPLAYED = /^README\.md$|^(chat|text_completion)\/[^/]+\/meta\.json$/;

async function prepared() {
  const folder = mkdtempSync(`${tmpdir()}/sluicegate-wasm-`);
  for (const file of ['sluicegate.wasm', 'load.mjs', 'browser.mjs', 'workerd.mjs']) copyFileSync(`${here}wasm/${file}`, `${folder}/${file}`);
  writeFileSync(`${folder}/run.mjs`, "import { run } from './replays.mjs';\nconsole.log(JSON.stringify(await run()));\n");
  await bundle(process.env.TOOLS, `${folder}/replays.mjs`);
  return folder;
}

async function replay(name, runtime, folder) {
  writeFileSync(`${folder}/package.mjs`, runtime.package);
  const { kinds, cases, failed, unread } = await runtime.run(runtime, folder);
  for (const each of failed.slice(0, 10)) console.error(`${name}: ${each}`);
  const forgotten = unread.filter((path) => !NOT_REPLAYED.test(path));
  if (forgotten.length > 0) console.error(`${name}: no case read ${forgotten.slice(0, 10).join(', ')}`);
  const what = name.startsWith('the addon') ? name : `wasm on ${name}`;
  console.log(`${what}: ${cases.toLocaleString('en')} cases of ${kinds} kinds, ${failed.length} failed`);
  return failed.length + forgotten.length === 0 && cases > 0;
}

const wanted = process.argv.slice(2);
const folder = await prepared();
try {
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!existsSync(runtime.program)) console.log(`${name} is not installed here: nothing was run`);
    else if (!(await replay(name, runtime, folder))) process.exitCode = 1;
  }
  console.log('not replayed in a runtime: meta.json, what official clients make of a case, because they are tested in Node');
  const { program } = RUNTIMES.workerd;
  if (existsSync(program)) console.log(`the edge example in workerd: ${await answered(program, folder)} clients answered`);
} finally {
  rmSync(folder, { recursive: true });
}
