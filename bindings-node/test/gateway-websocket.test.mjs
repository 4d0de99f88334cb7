// WebSocket clients of the gateway: over either upstream transport, refused, continued, failed, gone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { CREATED, IN_TIME, begin, delta, gatewayTo } from './gateways.mjs';
import { openai, scripted, sse, until, write } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { FRAME, f, user } from './strict-cases.mjs';
import { WebSocket, answered, ask, connect } from './strict-client.mjs';

const DELTA = 'response.output_text.delta';
const textOf = (events) => events.map(({ type, delta }) => (type === DELTA ? delta : '')).join('');
const TEXT = 'Hello from the strict backend.';
const AUTHORIZATION = { authorization: 'Bearer sk-test' };
const open = ({ url }, path = '/v1/responses') => connect(url + path, AUTHORIZATION);

for (const transport of ['http', 'websocket']) {
  describe(`over ${transport}`, () => {
    let [backend, gateway, client] = [];
    before(async () => {
      backend = await startStrictBackend();
      gateway = await gatewayTo(backend.url, { upstreamWebsocket: transport === 'websocket', heartbeatMs: 50 });
    });
    after(() => Promise.all([gateway.close(), backend.close()]));

    test('a request has the events of a stream for an answer', async () => {
      client = await open(gateway);
      const events = await ask(client, FRAME);
      assert.deepEqual([textOf(events), events.at(-1).type], [TEXT, 'response.completed']);
      assert.equal(backend.requests.at(-1).transport, transport);
    });

    test('it is gone on from, with the tail alone, though nothing is stored', async () => {
      const warm = await ask(client, { ...FRAME, generate: false, input: [] });
      const tools = { ...FRAME, tools: [f] };
      const calls = await ask(client, { ...tools, input: [user('Use a tool.')], previous_response_id: idOf(warm) });
      const items = calls.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
      assert.deepEqual(items.map(({ call_id }) => call_id), ['call_a', 'call_b']);
      const input = items.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'done' }));
      const { body: first } = backend.requests.at(-1);
      const last = await ask(client, { ...tools, input, previous_response_id: idOf(calls) });
      assert.equal(textOf(last), TEXT);
      assert.equal(last.at(-1).response.previous_response_id, idOf(calls));
      const { body } = backend.requests.at(-1);
      // A WebSocket upstream has the first turn; an HTTP one is sent all of it.
      const sent = transport === 'websocket' ? [2, 'string'] : [5, 'undefined'];
      assert.deepEqual([body.input.length, typeof body.previous_response_id], sent);
      assert.equal(first.generate, undefined);
    });

    test('what is not stored is not known elsewhere, what is stored is', async () => {
      const elsewhere = await open(gateway);
      const unstored = await ask(client, FRAME);
      const [unknown] = await ask(elsewhere, { ...FRAME, previous_response_id: idOf(unstored) });
      assert.deepEqual([unknown.status, unknown.error.code], [400, 'previous_response_not_found']);
      const stored = await ask(client, { ...FRAME, store: undefined });
      assert.equal(textOf(await ask(elsewhere, { ...FRAME, previous_response_id: idOf(stored) })), TEXT);
      elsewhere.socket.close();
    });

    test('a failure before any output is an error frame, and the connection goes on', async () => {
      const wrong = [[{ model: 'fail-429' }, 429], [{ conversation: 'c' }, 400], [{ type: 'ping' }, 400]];
      for (const [more, status] of wrong) {
        const [event] = await ask(client, { ...FRAME, ...more });
        assert.deepEqual([event.type, event.status], ['error', status]);
      }
      assert.equal((await ask(client, '{'))[0].status, 400);
      assert.equal((await ask(client, { ...FRAME, model: 'fail-stream-late' })).at(-1).type, 'response.failed');
      assert.equal((await ask(client, { ...FRAME, model: 'cut' })).at(-1).type, 'response.failed');
      assert.equal(textOf(await ask(client, FRAME)), TEXT);
    });

    test('requests at once are answered in their order', async () => {
      const models = ['slow', 'm', 'm', 'm'];
      for (const model of models) client.socket.send(JSON.stringify({ ...FRAME, model }));
      for (const _ of models) assert.equal(textOf(await answered(client)), TEXT);
    });

    test('it hears pings', () => once(client.socket, 'ping'));

    test('a binary message closes it', async () => {
      client.socket.send(Buffer.from('{}'));
      assert.deepEqual(await client.next(), { type: 'close', code: 1003 });
    });
  });
}

const idOf = (events) => events.at(-1).response.id;

test('a Lite request keeps its mark', async (context) => {
  const upstream = await scripted(async (response) => response.writeHead(500).end());
  const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: false });
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const client = await open(gateway);
  const mark = 'ws_request_header_x_openai_internal_codex_responses_lite';
  await ask(client, { ...FRAME, client_metadata: { [mark]: 'true' } });
  assert.equal(upstream.requests[0].headers['x-openai-internal-codex-responses-lite'], 'true');
});

test('a gateway without WebSockets answers 426, one without the path 404', IN_TIME, async (context) => {
  const gateway = await gatewayTo('http://127.0.0.1:1', { websocket: false });
  context.after(gateway.close);
  for (const [path, status] of [['/v1/responses', 426], ['/backend-api/codex/responses', 426], ['/v1/models', 404]]) {
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + path);
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, status);
    socket.terminate();
  }
});

test('a client that leaves closes the upstream within a second', IN_TIME, async (context) => {
  const silent = async (response) => {
    begin(response);
    await write(response, Buffer.concat([CREATED, delta('Hello')].map(sse)));
  };
  const upstream = await scripted(silent);
  const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: false });
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const client = await open(gateway);
  client.socket.send(JSON.stringify(FRAME));
  await client.next();
  const left = performance.now();
  client.socket.terminate();
  await upstream.requests[0].closed;
  assert.ok(performance.now() - left < 1000);
  await until(() => gateway.entries.length === 1, 'logged');
  assert.equal(gateway.entries[0].isCut, true);
});

test('a WebSocket to the upstream is kept for its conversation, and for no other', async (context) => {
  const backend = await startStrictBackend();
  const gateway = await gatewayTo(backend.url);
  context.after(() => Promise.all([gateway.close(), backend.close()]));
  const say = async (session, ...input) => {
    const client = openai(gateway, { defaultHeaders: { 'session-id': session } });
    return (await client.responses.create({ model: 'gpt-5.5', input, store: false })).output;
  };
  const output = await say('a', user('Hi'));
  await say('a', user('Hi'), ...output, user('And?'));
  await say('b', user('Hi'), ...output, user('And?'));
  assert.deepEqual(backend.requests.map(({ body }) => body.input.length), [1, 1, 3]);
});

test('answers end before the gateway does', async (context) => {
  const backend = await startStrictBackend();
  const gateway = await gatewayTo(backend.url, { upstreamWebsocket: false, drainMs: 5000 });
  context.after(() => backend.close());
  const [busy, idle] = [await open(gateway), await open(gateway)];
  busy.socket.send(JSON.stringify({ ...FRAME, model: 'slow' }));
  await busy.next();
  const ended = gateway.close();
  assert.deepEqual(await idle.next(), { type: 'close', code: 1001 });
  assert.equal(textOf(await answered(busy)), TEXT);
  assert.deepEqual(await busy.next(), { type: 'close', code: 1001 });
  await ended;
});
