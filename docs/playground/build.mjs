// Makes one page of this folder and of what `make wasm` built: it works from a file and on any host, and asks for nothing.
//   node docs/playground/build.mjs TOOLS OUT   with esbuild in the folder TOOLS
//   Input: template.html, style.css, src/, samples.json, bindings-node/wasm/
//   Output: OUT, with a policy that allows its own style and script by their hashes
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const [tools, out] = process.argv.slice(2).map((path) => resolve(path));
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path) => readFileSync(path, 'utf8');

async function script() {
  const { build } = createRequire(`${tools}/`)('esbuild');
  const { outputFiles } = await build({
    entryPoints: [`${here}src/page.mjs`],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  });
  return outputFiles[0].text.replaceAll('</script', '<\\/script');
}

function samples() {
  const all = JSON.parse(textOf(`${here}samples.json`)).map(({ file, ...sample }) => ({ ...sample, text: textOf(root + file) }));
  return JSON.stringify(all).replaceAll('<', '\\u003c');
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policyOf = (style, code) =>
  [
    "default-src 'none'",
    `script-src ${hash(code)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const [style, code] = [textOf(`${here}style.css`), await script()];
const module = gzipSync(readFileSync(`${root}bindings-node/wasm/sluicegate.wasm`), { level: 9 }).toString('base64');
const values = { style, script: code, module, samples: samples(), policy: policyOf(style, code) };
const page = textOf(`${here}template.html`).replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);
console.log(`${out}: ${page.length} bytes, of which the module ${module.length}; ${gzipSync(page, { level: 9 }).length} with gzip -9`);
