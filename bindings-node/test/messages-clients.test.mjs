// Anthropic's client reads our Messages streams and bodies, and ends with what a plain fold of each gives. Every fixture of a
// Responses and a chat upstream, and the recordings of SLUICEGATE_RECORDINGS: of Responses, and of Messages in its folder
// `messages`, which are relayed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { Collector, Transcoder } from 'sluicegate';
import { cases } from './cases.mjs';

const ASKED = { model: 'any', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] };

function inputs() {
  const fixtures = (kind, upstream) =>
    cases(kind).map(({ name, file }) => ({ name: `${kind}/${name}`, upstream, body: file('input.sse') }));
  const recordings = (folder, upstream) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.sse'))
      .map((name) => ({ name, upstream, body: readFileSync(`${folder}/${name}`) }));
  const folder = process.env.SLUICEGATE_RECORDINGS;
  const all = [...fixtures('chat', 'responses'), ...fixtures('respond', 'chat')].filter(({ body }) => body !== null);
  assert.ok(all.length > 300);
  if (folder === undefined) return all;
  const messages = existsSync(`${folder}/messages`) ? recordings(`${folder}/messages`, 'messages') : [];
  return [...all, ...recordings(folder, 'responses'), ...messages];
}

function streamOf({ upstream, body }) {
  const transcoder = new Transcoder({ client: 'messages', upstream });
  return Buffer.concat([transcoder.feed(body), transcoder.finish()].map((piece) => Buffer.from(piece)));
}

function eventsOf(stream) {
  const dataOf = (block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5))
      .join('\n');
  const datas = stream.toString().replaceAll('\r\n', '\n').split('\n\n').map(dataOf);
  return datas.filter((data) => data.trim() !== '').map((data) => JSON.parse(data));
}

/** What a Message has in the end, or the type of the error that ends it. */
function saidBy({ type, error, content, usage, stop_reason }) {
  if (type === 'error') return { error: error.type };
  const joined = (kind) => content.filter((block) => block.type === kind).map((block) => block[kind]).join('');
  const calls = content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, input }));
  const { input_tokens = 0, output_tokens = 0 } = usage;
  return { text: joined('text'), thinking: joined('thinking'), calls, input_tokens, output_tokens, stop_reason };
}

/** A plain fold of the events. */
function folded(stream) {
  const message = { content: [], usage: {}, stop_reason: null };
  const inputs = [];
  for (const event of eventsOf(stream)) {
    if (event.type === 'error') return saidBy(event);
    if (event.type === 'message_start') Object.assign(message, event.message);
    if (event.type === 'content_block_start') message.content.push(event.content_block);
    if (event.type === 'content_block_delta') {
      const { text, thinking, partial_json } = event.delta;
      const block = message.content[event.index];
      if (text !== undefined) block.text += text;
      if (thinking !== undefined) block.thinking += thinking;
      if (partial_json !== undefined) inputs[event.index] = (inputs[event.index] ?? '') + partial_json;
    }
    if (event.type === 'message_delta') {
      Object.assign(message, event.delta);
      const counts = Object.entries(event.usage).filter(([, count]) => count !== null);
      Object.assign(message.usage, Object.fromEntries(counts));
    }
  }
  for (const [at, text] of inputs.entries()) if (text) message.content[at].input = JSON.parse(text);
  return saidBy(message);
}

/** null where arguments are no JSON, which this client reads in another way than others. */
function foldOf(stream) {
  try {
    return folded(stream);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, error);
    return null;
  }
}

function clientOf(body, type, { upstream }) {
  const fetch = async () => new Response(body, { headers: { 'content-type': type } });
  const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch, logLevel: 'off' });
  return upstream === 'messages' ? client.beta.messages : client.messages; // the API's own has blocks of its beta
}

async function said(reading) {
  try {
    return saidBy(await reading);
  } catch (error) {
    if (!(error instanceof Anthropic.APIError) || error.error === undefined) throw error;
    return { error: error.error.error.type };
  }
}

for (const input of inputs()) {
  test(`anthropic reads ${input.name} as a message`, async () => {
    const stream = streamOf(input);
    const expected = foldOf(stream);
    if (expected !== null) {
      const reading = said(clientOf(stream, 'text/event-stream', input).stream(ASKED).finalMessage());
      assert.deepEqual(await reading, expected);
    }
    const collector = new Collector({ upstream: input.upstream });
    collector.feed(input.body);
    collector.finish();
    const body = Buffer.from(collector.finalMessage());
    const whole = JSON.parse(body);
    if (whole.type === 'error') return;
    const read = await clientOf(body, 'application/json', input).create(ASKED);
    assert.deepEqual(saidBy(read), saidBy(whole));
  });
}
