// Starts a runtime on the bundled replays. Input: the runtime, the folder of files. Output: what `run` gave.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** A program that takes a file and prints. */
export async function inProcess({ program, args = [], env = {} }, folder) {
  const options = { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] };
  const child = spawn(program, [...args, `${folder}/run.mjs`], /** @type {any} */ (options));
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return JSON.parse(out.trim().split('\n').at(-1));
}

const WORKER = "import { run } from './replays.mjs';\nexport default { fetch: async () => Response.json(await run()) };\n";

/** A worker of these modules, by their kinds. */
export function config(modules, bindings = '') {
  const embed = ([name, kind]) => `(name = "${name}", ${kind} = embed "${name}")`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${Object.entries(modules).map(embed).join(', ')}],
      compatibilityDate = "2025-12-01",
      ${bindings}
    )),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** Starts workerd; gives its URL, and what ends it. */
export async function workerd(program, folder, source) {
  writeFileSync(`${folder}/config.capnp`, source);
  const args = ['serve', `${folder}/config.capnp`, '--control-fd=3'];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const port = new Promise((found, failed) => {
    child.on('exit', (code) => failed(new Error(`workerd ended with ${code}`)));
    child.stdio[3].on('data', (lines) => {
      const match = /"event":"listen","socket":"http","port":(\d+)/.exec(lines);
      if (match !== null) found(match[1]);
    });
  });
  return { url: `http://127.0.0.1:${await port}/`, close: () => child.kill() };
}

export async function inWorkerd({ program }, folder) {
  writeFileSync(`${folder}/worker.mjs`, WORKER);
  const modules = Object.fromEntries(['worker', 'replays', 'package', 'workerd', 'load'].map((name) => [`${name}.mjs`, 'esModule']));
  const { url, close } = await workerd(program, folder, config({ ...modules, 'sluicegate.wasm': 'wasm' }));
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(1_200_000) })).json();
  } finally {
    close();
  }
}

const TYPES = { mjs: 'text/javascript', wasm: 'application/wasm' };

/** Serves the folder, and a page that has nothing. */
async function served(folder) {
  const server = createServer((request, response) => {
    if (request.url === '/') return response.setHeader('content-type', 'text/html').end('<!doctype html><title>fixtures</title>');
    if (!existsSync(folder + request.url)) return response.writeHead(404).end();
    response.setHeader('content-type', TYPES[request.url.split('.').at(-1)] ?? 'text/plain');
    response.end(readFileSync(folder + request.url));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export async function inChromium({ program }, folder) {
  const { chromium } = await import('playwright-core');
  const { url, close } = await served(folder);
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await page.evaluate(async () => (await import('/replays.mjs')).run());
  } finally {
    await browser.close();
    close();
  }
}
