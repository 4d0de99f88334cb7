// What else the SDKs do on servers of another dialect, through our fetch: tools that are run, and a client that is slow and
// leaves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { wrapFetch } from 'sluicegate/fetch';
import { startChatServer } from './chat-server.mjs';
import { soon } from './drop-in.mjs';
import { SSE, UNREAD, forever, hostile } from './hostile-server.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const HI = [{ role: 'user', content: 'Hi' }];
const USE = [{ role: 'user', content: 'Use the tools.' }];
const KEY = { apiKey: 'sk-test', maxRetries: 0 };

const calling = ({ messages, tools = [] }) =>
  messages.at(-1).role === 'tool' ? { text: 'Done.' } : { calls: tools.map(({ function: { name } }) => [name, '{"q":7}']) };

const UPSTREAMS = {
  responses: async () => {
    const server = await startStrictBackend();
    return { ...server, url: `${server.url}/backend-api/codex` };
  },
  chat: async () => {
    const server = await startChatServer(calling);
    return { ...server, url: server.url.replace(/\/v1$/, '') };
  },
};

describe("Anthropic's tool runner", () => {
  for (const [upstream, start] of Object.entries(UPSTREAMS)) {
    for (const stream of [false, true]) {
      test(`on a server of ${upstream}${stream ? ', streamed' : ''}`, async (t) => {
        const server = await start();
        t.after(() => server.close());
        const given = [];
        const inputSchema = { type: 'object', properties: { q: { type: 'integer' } } };
        const run = ({ q }) => `${given.push(q)}`;
        const tools = [betaTool({ name: 'look', description: 'Looks.', inputSchema, run })];
        const client = new Anthropic({ baseURL: server.url, ...KEY, fetch: wrapFetch(fetch, { upstream }) });
        const asked = { model: 'gpt-5.5', max_tokens: 64, messages: USE, tools, stream };
        const reasons = [];
        for await (const message of client.beta.messages.toolRunner(asked)) {
          reasons.push((stream ? await message.finalMessage() : message).stop_reason);
        }
        assert.deepEqual(reasons, ['tool_use', 'end_turn']);
        assert.ok(given.length > 0);
      });
    }
  }
});

const PIECE = 'x'.repeat(16_000);
const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (delta) => `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 3, output_tokens: 1 } };

/** By dialect: the beginning of an answer, and what comes again and again. */
const ENDLESS = {
  responses: [
    event({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } }),
    event({ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, delta: PIECE }),
  ],
  chat: [chunk({ role: 'assistant', content: '' }), chunk({ content: PIECE })],
  messages: [
    event({ type: 'message_start', message: MESSAGE }) +
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: PIECE } }),
  ],
};
/** Each gives the parts of an answer: `(url, fetch, signal)`. */
const STREAMS = [
  ['anthropic', ['responses', 'chat'], (baseURL, fetch, signal) =>
    new Anthropic({ baseURL, ...KEY, fetch }).messages.create({ model: 'm', max_tokens: 64, messages: HI, stream: true }, { signal })],
  ['openai, chat', ['messages'], (baseURL, fetch, signal) =>
    new OpenAI({ baseURL, ...KEY, fetch }).chat.completions.create({ model: 'm', messages: HI, stream: true }, { signal })],
  ['openai, responses', ['messages'], (baseURL, fetch, signal) =>
    new OpenAI({ baseURL, ...KEY, fetch }).responses.create({ model: 'm', input: 'Hi', stream: true }, { signal })],
  ['ai, openai', ['messages'], (baseURL, fetch, abortSignal) =>
    streamText({ model: createOpenAI({ baseURL, ...KEY, fetch }).responses('m'), messages: HI, abortSignal, onError() {} }).textStream],
  ['ai, openai-compatible', ['messages'], (baseURL, fetch, abortSignal) =>
    streamText({ model: createOpenAICompatible({ name: 'own', baseURL, fetch })('m'), messages: HI, abortSignal, onError() {} }).textStream],
];

describe('a client that is slow, and leaves', () => {
  for (const [name, upstreams, open] of STREAMS) {
    for (const upstream of upstreams) {
      test(`${name}, on a server of ${upstream}`, async (t) => {
        const [first, again] = ENDLESS[upstream];
        const server = await hostile(t, forever(again, first), [SSE]);
        const leaving = new AbortController();
        const stream = await open(name === 'anthropic' ? server.url.replace(/\/v1$/, '') : server.url, wrapFetch(fetch, { upstream }), leaving.signal);
        const parts = stream[Symbol.asyncIterator]();
        for (let count = 0; count < 8; count += 1) {
          await parts.next();
          await new Promise((done) => setTimeout(done, 30));
        }
        assert.ok(server.sent < UNREAD, `${server.sent} bytes were sent`);
        leaving.abort();
        await soon(server.left, 'leaving the upstream');
        await parts.return?.().catch(() => {});
      });
    }
  }
});
