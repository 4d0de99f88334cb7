// Builds the package for browsers and workers: wasm/sluicegate.wasm of the addon's crate, wasm/load.mjs of the package's files,
// and an entry for each way to come by a compiled module.
//   TOOLS=FOLDER node scripts/build-wasm.mjs --module --js   with esbuild and binaryen in that folder
//   TOOLS=FOLDER node scripts/build-wasm.mjs --tools         fails where what builds them is not to be had
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${here}wasm/`;
const tools = process.env.TOOLS;

const TARGET = 'wasm32-unknown-unknown';
const FEATURES = ['bulk-memory', 'sign-ext', 'mutable-globals', 'nontrapping-float-to-int', 'multivalue', 'reference-types'];

// Functions inlined where they are called pack worse, by 2 %; the order of locals and functions saves 1 %.
const SMALLEST = ['-Oz', '--one-caller-inline-max-function-size=1', '--reorder-locals', '--reorder-functions'];

function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error || status !== 0) throw new Error(`${program} failed: ${error?.message ?? `exit ${status}`}`);
}

/** What Debian's Rust is made of: the compiler, the sources of the standard library, a linker. */
const DEBIAN = ['rustc-web:/usr/bin/rustc', 'rust-web-src:/usr/lib/rustlib/src', 'lld:wasm-ld'];

const wasmOpt = `${tools}/node_modules/.bin/wasm-opt`;

/** Whether the toolchain has the target. */
function hasTarget() {
  const sysroot = spawnSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).stdout.trim();
  return existsSync(`${sysroot}/lib/rustlib/${TARGET}/lib`);
}

/** Installs what is missing, and builds nothing. */
function checkTools() {
  if (!hasTarget()) run('.ci/debian', [...DEBIAN, '--', '/usr/bin/rustc', '--version']);
  run(wasmOpt, ['--version']);
}

/** Runs cargo. Where its toolchain lacks the target, Debian's compiler builds the standard library, too: without what panics print. */
function cargo(args) {
  if (hasTarget()) return run('cargo', args);
  const std = ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=optimize_for_size'];
  return run('.ci/debian', [...DEBIAN, '--', 'cargo', ...args, ...std], {
    RUSTC: '/usr/bin/rustc',
    RUSTC_BOOTSTRAP: '1',
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: 'wasm-ld',
    RUSTFLAGS: '-C linker-flavor=wasm-ld -Z unstable-options -C panic=immediate-abort -Z location-detail=none',
  });
}

function buildModule() {
  const folder = `${root}target/wasm`;
  cargo(['build', '-q', '--profile', 'wasm', '-p', 'sluicegate-node', '--target', TARGET, '--target-dir', folder]);
  const enabled = FEATURES.map((name) => `--enable-${name}`);
  const built = `${folder}/${TARGET}/wasm/sluicegate_node.wasm`;
  run(wasmOpt, [...SMALLEST, ...enabled, '--strip-debug', '--strip-producers', built, '-o', `${out}sluicegate.wasm`]);
}

/** The package's files, with the web's standards in Node's place. */
const WEB = {
  name: 'web',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, () => ({ path: `${here}lib/wasm/web.mjs` }));
    build.onResolve({ filter: /\/native\.js$/ }, () => ({ path: `${here}lib/wasm/given.js` }));
  },
};

async function bundle() {
  const { build } = createRequire(`${tools}/`)('esbuild');
  await build({
    entryPoints: [`${here}lib/wasm/entry.mjs`],
    outfile: `${out}load.mjs`,
    inject: [`${here}lib/wasm/web.mjs`],
    plugins: [WEB],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** How a compiled module is come by. */
const ENTRIES = {
  'workerd.mjs': ["import module from './sluicegate.wasm';"],
  'browser.mjs': [
    "const file = await fetch(new URL('./sluicegate.wasm', import.meta.url));",
    'const module = await WebAssembly.compile(await file.arrayBuffer());',
  ],
};

async function writeEntries() {
  const { load } = await import(`${out}load.mjs`);
  const names = Object.keys(load(new WebAssembly.Module(readFileSync(`${out}sluicegate.wasm`))));
  for (const [file, source] of Object.entries(ENTRIES)) {
    const [first, ...rest] = ["import { load } from './load.mjs';", ...source];
    const exports = `export const { ${names.join(', ')} } = load(module);`;
    writeFileSync(`${out}${file}`, `${[first, ...rest, exports].join('\n')}\n`);
  }
}

/** What is loaded, in bytes. */
function report() {
  for (const file of ['sluicegate.wasm', 'load.mjs']) {
    const bytes = readFileSync(out + file);
    console.log(`${file}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip -9`);
  }
}

if (process.argv.includes('--tools')) checkTools();
mkdirSync(out, { recursive: true });
if (process.argv.includes('--module')) buildModule();
if (process.argv.includes('--js')) {
  await bundle();
  await writeEntries();
  report();
}
