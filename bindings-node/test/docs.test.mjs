// The README and the pages in docs/: their programs run against the strict backend, and the names they use are there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as sluicegate from 'sluicegate';
import * as fetches from 'sluicegate/fetch';
import { startChatServer } from './chat-server.mjs';
import { startMessagesServer } from './messages-server.mjs';
import { startStrictBackend } from './strict-backend.mjs';

/** Its programs have what Node has, not what is installed here. */
const skip = globalThis.WebSocket === undefined && 'no WebSocket client before Node 22';

const folder = fileURLToPath(new URL('..', import.meta.url));
const docs = join(folder, '../docs');
const pages = readdirSync(docs, { recursive: true }).filter((name) => name.endsWith('.md')).sort();
pages.push('../README.md');
const textOf = (page) => readFileSync(join(docs, page), 'utf8');
const programs = pages.flatMap((page) => {
  return [...textOf(page).matchAll(/^```js\n(.*?)^```$/gms)].map(([, code], nth) => [`${page} ${nth}`, code]);
});

/** What a program prints that prints: an answer, or what it is for. */
const PRINTED =
  /Hello from the (strict backend|Messages server)|tools\[0\]|\.png|data: \[DONE\]|websocket prefers_websocket .*"\+1\?"/;

/** A project that has the packages installed. */
function project() {
  const made = mkdtempSync(join(tmpdir(), 'sluicegate-docs-'));
  mkdirSync(join(made, 'node_modules'));
  symlinkSync(folder, join(made, 'node_modules/sluicegate'));
  for (const client of ['openai', '@anthropic-ai']) {
    symlinkSync(join(folder, 'node_modules', client), join(made, 'node_modules', client));
  }
  return made;
}

/** Its exit code, and what it printed. */
function run(code, cwd, env) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd, env: { ...process.env, ...env } });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => printed.push(data));
  return new Promise((done) => child.on('close', (status) => done({ status, text: Buffer.concat(printed).toString() })));
}

describe('a program of docs/', () => {
  let backend;
  let chat;
  let claude;
  let cwd;
  before(async () => {
    backend = await startStrictBackend();
    chat = await startChatServer(() => ({ text: 'Hello from the strict backend' }));
    claude = await startMessagesServer();
    cwd = project();
  });
  after(async () => {
    rmSync(cwd, { recursive: true });
    await Promise.all([backend.close(), chat.close(), claude.close()]);
  });
  const urlOf = (name) => {
    if (/^\w+\/(chat-only|messages)/.test(name)) return chat.url;
    return name.includes('openai-sdks-on-claude') ? `${claude.url}/v1` : `${backend.url}/backend-api/codex`;
  };
  assert.ok(programs.length >= 6);
  for (const [name, code] of programs) {
    test(name, { skip: code.includes('WebSocket(') && skip }, async () => {
      const url = urlOf(name);
      const env = { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'sk-test' };
      Object.assign(env, { ANTHROPIC_BASE_URL: url.replace(/\/v1$/, ''), ANTHROPIC_API_KEY: 'sk-test' });
      const { status, text } = await run(code, cwd, env);
      assert.equal(status, 0, text);
      if (code.includes('WebSocket(')) assert.match(text, /"content":" strict".*data: \[DONE\]/s);
      else if (/console\.log/.test(code) || name.startsWith('../README')) assert.match(text, PRINTED);
    });
  }
});

test('the index names what is there', () => {
  const [, ...rows] = textOf('README.md').split('\n').filter((row) => row.startsWith('| '));
  const cells = rows.map((row) => row.split('|')[4]);
  assert.ok(cells.length > 10);
  const there = { ...sluicegate, ...fetches };
  for (const cell of cells) {
    const [, names] = /`(?:new )?([\w.() ]+?)\(/.exec(cell.replace('new Catalog().', 'Catalog.prototype.'));
    const found = names.replace(/\(\)/g, '.prototype').split('.').reduce((owner, name) => owner[name], there);
    assert.equal(typeof found, 'function', cell);
  }
});
