// The strict backend over a real socket: its streams and failures, what it records, and the command.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { request as get } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PNG } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { LEAST, extra, f, space, user } from './strict-cases.mjs';

const LIMIT = { status: 429, type: 'usage_limit_reached' };
const TEXT = 'Hello from the strict backend.';

function post(url, body, path = '/backend-api/codex/responses') {
  return fetch(url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** The events of a stream, which has to be one event after the other. */
function eventsOf(text) {
  const blocks = text.split('\n\n');
  assert.equal(blocks.pop(), '');
  return blocks.map((block, at) => {
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block);
    const event = JSON.parse(data);
    assert.deepEqual([event.type, event.sequence_number], [name, at]);
    return event;
  });
}

const deltas = (events) => events.filter(({ type }) => type.endsWith('.delta')).map(({ delta }) => delta);
const done = (events) => events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);

describe('the strict backend', () => {
  let backend;
  before(async () => (backend = await startStrictBackend()));
  after(() => backend.close());

  const stream = async (request) => eventsOf(await (await post(backend.url, { ...LEAST, ...request })).text());

  test('streams a text, and completes with an empty output', async () => {
    const response = await post(backend.url, LEAST);
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream']);
    const events = eventsOf(await response.text());
    assert.equal(deltas(events).join(''), TEXT);
    const [item] = done(events);
    assert.deepEqual([item.type, item.status, item.content[0].text], ['message', 'completed', TEXT]);
    assert.deepEqual(events.slice(0, 2).map(({ type }) => type), ['response.created', 'response.in_progress']);
    const { type, response: last } = events.at(-1);
    assert.deepEqual([type, last.status, last.model, last.output], ['response.completed', 'completed', 'gpt-5.5', []]);
    assert.equal(last.usage.total_tokens, last.usage.input_tokens + last.usage.output_tokens);
  });

  test('gives no response the id of another', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await stream({}))[0].response.id));
    assert.equal(new Set(ids).size, 3);
  });

  test('calls two tools when the user asks for it', async () => {
    const tools = [{ type: 'web_search' }, f, { ...f, name: 'g' }];
    const events = await stream({ input: [user('Use a TOOL')], tools });
    const calls = done(events).map(({ type, call_id: callId, name, arguments: given }) => [type, callId, name, given]);
    assert.deepEqual(calls, [
      ['function_call', 'call_a', 'f', '{"q":1}'],
      ['function_call', 'call_b', 'g', '{"q":2}'],
    ]);
    for (const { id } of done(events)) assert.match(id, /^fc_./);
    assert.equal(deltas(events).join(''), '{"q":1}{"q":2}');
  });

  test('calls custom and namespaced tools, and one tool twice', async () => {
    const given = { instructions: undefined, input: [extra, user('tool')] };
    const [first, second] = done(await stream(given));
    assert.deepEqual([first.type, first.name, first.namespace], ['function_call', 'f', 'space']);
    assert.deepEqual([second.type, second.name, second.input], ['custom_tool_call', 'patch', '{"q":2}']);
    assert.match(second.id, /^ctc_./);
    const twice = done(await stream({ input: [user('tool')], tools: [{ ...space, tools: [f] }] }));
    assert.deepEqual(twice.map(({ name }) => name), ['f', 'f']);
  });

  test('calls no tool after an output', async () => {
    const call = { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{}' };
    const output = { type: 'function_call_output', call_id: 'call_a', output: 'tool' };
    const events = await stream({ input: [user('tool'), call, output], tools: [f] });
    assert.equal(deltas(events).join(''), TEXT);
  });

  test('makes an image, and JSON', async () => {
    const [image] = done(await stream({ input: [user('An image')], tools: [{ type: 'image_generation' }] }));
    assert.deepEqual([image.type, image.status, image.result], ['image_generation_call', 'completed', PNG]);
    assert.equal(Buffer.from(PNG, 'base64').toString('latin1', 1, 4), 'PNG');
    const format = { type: 'json_schema', name: 'n', schema: {} };
    assert.equal(deltas(await stream({ text: { format } })).join(''), '{"ok":true}');
  });

  test('refuses at any path of responses, and has no other', async () => {
    const body = { detail: 'Unsupported parameter: temperature' };
    for (const path of ['/codex/responses', '/responses', '/v1/responses?x=1']) {
      const response = await post(backend.url, { ...LEAST, temperature: 1 }, path);
      assert.deepEqual([response.status, await response.json()], [400, body]);
    }
    assert.equal((await post(backend.url, LEAST, '/v1/chat/completions')).status, 404);
    assert.equal((await fetch(`${backend.url}/v1/responses`)).status, 405);
  });

  test('records what it got', async () => {
    backend.requests.length = 0;
    await post(backend.url, '{"model" :1}');
    await post(backend.url, '{', '/v1/responses');
    const seen = backend.requests.map(({ transport, path, text, body }) => [transport, path, text, body]);
    assert.deepEqual(seen, [
      ['http', '/backend-api/codex/responses', '{"model" :1}', { model: 1 }],
      ['http', '/v1/responses', '{', undefined],
    ]);
    assert.equal(backend.requests[0].headers['user-agent'], 'node');
  });

  test('fails by the name of the model', async () => {
    const limited = await post(backend.url, { ...LEAST, model: 'fail-429' });
    const { error } = await limited.json();
    assert.deepEqual({ status: limited.status, type: error.type }, LIMIT);
    assert.ok(error.resets_in_seconds > 0);
    const html = await post(backend.url, { ...LEAST, model: 'fail-500-html' });
    assert.deepEqual([html.status, html.headers.get('content-type')], [500, 'text/html']);
    assert.match(await html.text(), /<title>500/);
    const [only, ...more] = await stream({ model: 'fail-stream-first' });
    assert.deepEqual([only.type, only.response.error.code, more], ['response.failed', 'server_is_overloaded', []]);
    const late = await stream({ model: 'fail-stream-late' });
    assert.deepEqual([deltas(late).length, late.at(-1).type], [2, 'response.failed']);
    assert.equal(late.at(-1).response.error.code, 'server_error');
    const image = { input: [user('image')], tools: [{ type: 'image_generation' }] };
    const without = await stream({ ...image, model: 'fail-stream-late' });
    assert.deepEqual([done(without).length, without.at(-1).type], [1, 'response.failed']);
  });

  test('breaks off in the middle of an event', async () => {
    const { body } = await post(backend.url, { ...LEAST, model: 'cut' });
    const chunks = [];
    const read = async () => {
      for await (const chunk of body) chunks.push(chunk);
    };
    await assert.rejects(read());
    const blocks = Buffer.concat(chunks).toString().split('\n\n');
    assert.match(blocks.pop(), /^event: response\.output_text\.delta/);
    assert.equal(deltas(eventsOf(`${blocks.join('\n\n')}\n\n`)).length, 2);
  });

  test('takes its time', async () => {
    const start = performance.now();
    const { body } = await post(backend.url, { ...LEAST, model: 'slow' });
    const times = [];
    for await (const _ of body) times.push(performance.now() - start);
    assert.ok(times.at(-1) - times[0] > 150, `${times}`);
  });

  test('does without a client that leaves', async () => {
    const aborter = new AbortController();
    const body = JSON.stringify({ ...LEAST, model: 'slow' });
    await fetch(`${backend.url}/responses`, { method: 'POST', body, signal: aborter.signal });
    aborter.abort();
    assert.equal((await post(backend.url, LEAST)).status, 200);
  });
});

/** The status of an upgrade that is refused. */
function upgradeStatus(url, headers) {
  return new Promise((settle, fail) => {
    const upgrading = { connection: 'Upgrade', upgrade: 'websocket', ...headers };
    const sent = get(url, { headers: upgrading }, (response) => settle(response.resume().statusCode));
    sent.on('upgrade', () => fail(new Error('upgraded'))).on('error', fail).end();
  });
}

test('options: another content type, no WebSocket, other WebSocket models', async () => {
  const options = { contentType: 'application/json', isWebsocket: false, websocketModels: new Set(['gpt-5.5']) };
  const backend = await startStrictBackend(options);
  const response = await post(backend.url, { ...LEAST, model: 'ws-only-model' });
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(eventsOf(await response.text()).at(-1).type, 'response.completed');
  assert.equal((await (await post(backend.url, LEAST)).json()).error.code, 'routing_unsupported');
  assert.equal(await upgradeStatus(`${backend.url}/v1/responses`), 426);
  await backend.close();
  await assert.rejects(post(backend.url, LEAST));
});

test('an upgrade needs the path, a key and the version', async () => {
  const backend = await startStrictBackend();
  assert.equal(await upgradeStatus(`${backend.url}/v1/models`), 404);
  assert.equal(await upgradeStatus(`${backend.url}/responses`, { 'sec-websocket-version': '13' }), 400);
  assert.equal(await upgradeStatus(`${backend.url}/responses`, { 'sec-websocket-key': 'x' }), 400);
  await backend.close();
});

describe('the command', () => {
  const file = fileURLToPath(new URL('strict-backend.mjs', import.meta.url));

  /** Runs it, and gives the line it prints and what it exits with. */
  async function run(...options) {
    const child = spawn(process.execPath, [file, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = new Promise((settle) => child.once('exit', (code, signal) => settle([code, signal])));
    const line = await new Promise((settle) => child.stdout.once('data', (data) => settle(data.toString())));
    return { child, exit, url: JSON.parse(line).url };
  }

  test('prints its address, and ends with its stdin', async () => {
    const { child, exit, url } = await run('--content-type', 'application/json', '--no-websocket');
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await post(url, LEAST);
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json']);
    assert.equal(await upgradeStatus(`${url}/responses`), 426);
    child.stdin.end();
    assert.deepEqual(await exit, [0, null]);
  });

  test('ends on SIGTERM, also while it streams', async () => {
    const { child, exit, url } = await run('--port', '0');
    const response = await post(url, { ...LEAST, model: 'slow' });
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
    await assert.rejects(response.text());
  });
});
