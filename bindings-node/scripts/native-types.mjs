// lib/native.d.ts, written by the napi command line from src/lib.rs. Compares it with the committed one; `--write`
// replaces that.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const CLI = '@napi-rs/cli@3.10.12';
const here = fileURLToPath(new URL('..', import.meta.url));
const out = mkdtempSync(`${tmpdir()}/sluicegate-`);
try {
  const args = ['--yes', `--package=${CLI}`, 'napi', 'build', '--no-js', '--no-dts-cache'];
  const napi = spawnSync('npx', [...args, '--output-dir', out, '--dts', 'native.d.ts'], {
    cwd: here,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (napi.status !== 0) {
    console.error(`napi build failed\n${napi.stdout}${napi.stderr}`);
    process.exitCode = 1;
  } else if (process.argv.includes('--write')) {
    copyFileSync(`${out}/native.d.ts`, `${here}lib/native.d.ts`);
  } else if (readFileSync(`${out}/native.d.ts`, 'utf8') !== readFileSync(`${here}lib/native.d.ts`, 'utf8')) {
    console.error('lib/native.d.ts is stale: npm run native-types -- --write');
    process.exitCode = 1;
  }
} finally {
  rmSync(out, { recursive: true });
}
