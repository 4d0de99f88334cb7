// The short examples, run as their users run them: official clients ask the servers, upstreams are strict.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { startChatServer } from './chat-server.mjs';
import { startMessagesServer } from './messages-server.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));
const TEXT = 'Hello from the strict backend.';
const messages = [{ role: 'user', content: 'Hi' }];
const ASKED = { model: 'gpt-5.5', messages };
const KEY = { apiKey: 'sk-test', maxRetries: 0 };

/** A client whose server is a function of `Request`. */
const through = (handler) => ({ ...KEY, fetch: async (url, init) => handler(new Request(url, init)) });

const program = (name, env) =>
  spawn(process.execPath, [`${folder}${name}.mjs`], {
    env: { ...process.env, OPENAI_API_KEY: 'sk-test', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function until(isReady) {
  for (let left = 200; left > 0; left--) {
    if (await isReady()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail('it is not ready in time');
}

async function textOf(stream) {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

test('each is short', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  assert.deepEqual(files, ['ai-sdk.mjs', 'express.mjs', 'hono.mjs', 'next-route.mjs']);
  for (const file of files) assert.ok(readFileSync(folder + file, 'utf8').trimEnd().split('\n').length <= 40, file);
});

describe('over the strict backend', () => {
  let backend;
  let base;
  before(async () => {
    backend = await startStrictBackend();
    base = `${backend.url}/backend-api/codex`;
  });
  after(() => backend.close());

  /** What a server of chat completions has to do. */
  const isServed = async (client) => {
    const whole = await client.chat.completions.create(ASKED);
    assert.equal(whole.choices[0].message.content, TEXT);
    assert.equal(await textOf(await client.chat.completions.create({ ...ASKED, stream: true })), TEXT);
    await assert.rejects(client.chat.completions.create({ ...ASKED, model: 'fail-429' }), OpenAI.RateLimitError);
    await assert.rejects(client.chat.completions.create({ ...ASKED, n: 2 }), OpenAI.BadRequestError);
    await assert.rejects(client.chat.completions.create({ ...ASKED, model: 'fail-stream-late' }), OpenAI.APIError);
    const late = await client.chat.completions.create({ ...ASKED, model: 'fail-stream-late', stream: true });
    await assert.rejects(textOf(late), OpenAI.APIError);
  };

  test('Express', async (context) => {
    const port = await freePort();
    const server = program('express', { OPENAI_BASE_URL: base, PORT: `${port}` });
    context.after(() => server.kill());
    const url = `http://127.0.0.1:${port}`;
    await until(() => fetch(url).then(() => true, () => false));
    await isServed(new OpenAI({ ...KEY, baseURL: `${url}/v1` }));
  });

  test('Hono', async () => {
    process.env.OPENAI_BASE_URL = base;
    const { default: app } = await import('../examples/hono.mjs');
    const handler = (request) => app.fetch(request);
    const openai = new OpenAI({ ...through(handler), baseURL: 'http://site/v1' });
    await isServed(openai);
    assert.equal((await openai.responses.create({ model: 'gpt-5.5', input: 'Hi' })).output_text, TEXT);
    const anthropic = new Anthropic({ ...through(handler), baseURL: 'http://site' });
    const message = await anthropic.messages.create({ ...ASKED, max_tokens: 100 });
    assert.equal(message.content[0].text, TEXT);
  });
});

test('Next.js', async (context) => {
  const answerOf = ({ model }) => (model === 'busy' ? { status: 429, error: 'Slow down.' } : { text: 'Hello.' });
  const chat = await startChatServer(answerOf);
  context.after(() => chat.close());
  process.env.OPENAI_BASE_URL = chat.url;
  const { POST } = await import('../examples/next-route.mjs');
  const client = new Anthropic({ ...through(POST), baseURL: 'http://site' });
  const asked = { model: 'qwen3', max_tokens: 100, messages };
  assert.equal((await client.messages.create(asked)).content[0].text, 'Hello.');
  assert.equal(await client.messages.stream(asked).finalText(), 'Hello.');
  await assert.rejects(client.messages.create({ ...asked, model: 'busy' }), Anthropic.RateLimitError);
});

test('the AI SDK', async (context) => {
  const claude = await startMessagesServer();
  context.after(() => claude.close());
  const child = program('ai-sdk', { OPENAI_BASE_URL: `${claude.url}/v1` });
  const [printed, [status]] = await Promise.all([child.stdout.setEncoding('utf8').toArray(), once(child, 'close')]);
  assert.deepEqual([printed.join(''), status], ['The tools gave 49.\n', 0]);
});
