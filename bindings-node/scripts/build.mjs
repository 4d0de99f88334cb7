// Builds the addon with cargo and puts it beside the package's entry. Needs nothing from node_modules, because npm
// runs it before it installs any.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const addon = fileURLToPath(new URL('../sluicegate.node', import.meta.url));

function fail(message) {
  console.error(`sluicegate: ${message}`);
  process.exit(1);
}

if (!existsSync(`${root}/core/Cargo.toml`)) fail('the addon is built inside the source repository; ../core is missing');

// Cargo says where the library is, so CARGO_TARGET_DIR, a config file and the platform's naming all hold.
const args = ['build', '--release', '-p', 'sluicegate-node', '--message-format=json-render-diagnostics'];
const cargo = spawnSync(process.env.CARGO ?? 'cargo', args, {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (cargo.error?.code === 'ENOENT') fail('cargo is not installed; get Rust 1.88 or later from https://rustup.rs');
if (cargo.error) fail(`cargo did not run: ${cargo.error.message}`);
if (cargo.status !== 0) fail(`cargo build failed (${cargo.signal ?? `exit ${cargo.status}`})`);

const library = cargo.stdout
  .split('\n')
  .filter((line) => line.includes('"compiler-artifact"'))
  .map((line) => JSON.parse(line))
  .filter((message) => message.target.name === 'sluicegate_node')
  .flatMap((message) => message.filenames)
  .find((name) => /\.(so|dylib|dll)$/.test(name));
if (library === undefined) fail('cargo built no addon');

// Renamed into place: a process that has the old one loaded keeps it.
copyFileSync(library, `${addon}.tmp`);
renameSync(`${addon}.tmp`, addon);
