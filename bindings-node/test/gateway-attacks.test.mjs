// What was broken in a gateway, or could be: each attack is a test.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as dial } from 'node:net';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { COMPLETED, CREATED, IN_TIME, begin, delta, gatewayTo, ofBinary, scripted, sse } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { FRAME, user } from './strict-cases.mjs';
import { WebSocketServer, ask, connect } from './strict-client.mjs';

const ASK = { model: 'gpt-5.5', input: 'Hi' };
const CHAT = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };
const KEY = { authorization: 'Bearer sk-test' };
const HELLO = [CREATED, delta('Hello'), COMPLETED];

async function behind(context, options, backendOptions) {
  const backend = await startStrictBackend(backendOptions);
  const gateway = await gatewayTo(backend.url, options);
  context.after(() => Promise.all([gateway.close(), backend.close()]));
  return { backend, gateway };
}

/** With exactly these headers; the official client adds its own. */
async function post({ url }, path, body, headers = {}) {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(url + path, { method: 'POST', body: sent, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text.startsWith('{') ? JSON.parse(text) : text };
}

/** With any Host, which fetch would not send. */
async function statusOf({ url }, { method = 'GET', path = '/v1/models', ...headers }) {
  const sent = request(url + path, { method, headers });
  sent.end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

describe('tenants', IN_TIME, () => {
  const OTHERS = [
    ['another key', { authorization: 'Bearer sk-other' }],
    ['the same key and an account', { ...KEY, 'chatgpt-account-id': 'acc_2' }],
    ['the same key and a project', { ...KEY, 'openai-project': 'proj_2' }],
    ['the same key and another', { ...KEY, 'x-api-key': 'k' }],
    ['nobody', {}],
  ];

  test('what one stored, no other goes on from', async (context) => {
    const { gateway } = await behind(context);
    const { json } = await post(gateway, '/v1/responses', ASK, KEY);
    const next = { ...ASK, previous_response_id: json.id };
    assert.equal((await post(gateway, '/v1/responses', next, KEY)).status, 200);
    for (const [who, headers] of OTHERS) {
      const { status, json } = await post(gateway, '/v1/responses', next, headers);
      assert.deepEqual([status, json.error.code], [400, 'previous_response_not_found'], who);
    }
  });

  test('nothing is kept for a client without credentials', async (context) => {
    const { backend, gateway } = await behind(context);
    const { json } = await post(gateway, '/v1/responses', ASK);
    const { status } = await post(gateway, '/v1/responses', { ...ASK, previous_response_id: json.id });
    assert.equal(status, 400);
    const say = (input) => post(gateway, '/v1/responses', { ...ASK, input, store: false }, { 'session-id': 's' });
    const { output } = (await say([user('Hi')])).json;
    await say([user('Hi'), ...output, user('And?')]);
    // On a kept WebSocket it would be the tail alone.
    assert.equal(backend.requests.at(-1).body.input.length, 3);
  });

  test('but where all clients are one', async (context) => {
    const { gateway } = await behind(context, { singleTenant: true });
    const { json } = await post(gateway, '/v1/responses', ASK);
    for (const headers of [{}, KEY]) {
      const next = await post(gateway, '/v1/responses', { ...ASK, previous_response_id: json.id }, headers);
      assert.equal(next.status, 200);
    }
  });

  test('a warm-up is a record of its connection alone', async (context) => {
    const { gateway } = await behind(context);
    const [first, second] = await Promise.all([1, 2].map(() => connect(`${gateway.url}/v1/responses`, KEY)));
    const warm = { ...FRAME, store: undefined, generate: false, input: [user('Made up.')] };
    const { id } = (await ask(first, warm)).at(-1).response;
    const [unknown] = await ask(second, { ...FRAME, previous_response_id: id });
    assert.equal(unknown.error.code, 'previous_response_not_found');
    assert.equal((await ask(first, { ...FRAME, previous_response_id: id })).at(-1).type, 'response.completed');
    for (const { socket } of [first, second]) socket.close();
  });
});

describe('headers', IN_TIME, () => {
  const over = async (context, headers, options) => {
    const upstream = await scripted(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
      response.end(Buffer.concat(HELLO.map(sse)));
    });
    const gateway = await gatewayTo(upstream.url, options);
    context.after(() => Promise.all([gateway.close(), upstream.close()]));
    return { gateway, sent: () => upstream.requests.at(-1).headers };
  };

  test('of the upstream reach the client by a list', async (context) => {
    const passed = { 'x-request-id': 'req_1', 'x-codex-plan-type': 'plus', 'openai-processing-ms': '5', 'x-ratelimit-reset-tokens': '1s' };
    const own = { 'x-accel-redirect': '/etc', 'x-sendfile': '/etc/passwd', 'set-cookie': 'a=b', 'x-codex-hop': '1', 'x-powered-by': 'p' };
    const { gateway } = await over(context, { ...passed, ...own, connection: 'close, x-codex-hop' });
    const { headers } = await post(gateway, '/v1/responses', { ...ASK, stream: true }, KEY);
    for (const [name, value] of Object.entries(passed)) assert.equal(headers.get(name), value, name);
    for (const name of Object.keys(own)) assert.equal(headers.get(name), null, name);
  });

  test('of the client reach the upstream by a list, and are its own', async (context) => {
    const { gateway, sent } = await over(context);
    const passed = { ...KEY, originator: 'codex_vscode', version: '9.9.9', 'x-codex-turn-state': 't', 'session-id': 's' };
    const own = { cookie: 'a=b', 'x-forwarded-for': '1.2.3.4', 'proxy-authorization': 'Basic eA==', 'x-secret': '1', 'x-codex-hop': '1' };
    const body = JSON.stringify({ ...ASK, stream: true });
    const options = { method: 'POST', headers: { ...passed, ...own, connection: 'close, x-codex-hop' } };
    const asked = request(`${gateway.url}/v1/responses`, options);
    asked.end(body);
    const [response] = await once(asked, 'response');
    await response.toArray();
    for (const [name, value] of Object.entries(passed)) assert.equal(sent()[name], value, name);
    for (const name of Object.keys(own)) assert.equal(sent()[name], undefined, name);
  });

  test('of a ChatGPT login and of Codex reach no chat server', async (context) => {
    const { gateway, sent } = await over(context, {}, { upstreamApi: 'chat' });
    const codex = { 'chatgpt-account-id': 'acc', originator: 'codex_cli_rs', 'x-codex-turn-state': 't', 'session-id': 's' };
    await post(gateway, '/v1/responses', ASK, { ...KEY, ...codex });
    for (const name of ['authorization', ...Object.keys(codex)]) assert.equal(sent()[name], undefined, name);
    await post(gateway, '/v1/responses', ASK, KEY);
    assert.equal(sent().authorization, KEY.authorization);
  });
});

test('what a kept WebSocket hears while idle is not the next answer', IN_TIME, async (context) => {
  const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let connections = 0;
  upstream.on('connection', (socket) => {
    connections += 1;
    socket.on('message', () => {
      const late = [delta('Late'), COMPLETED].map((event) => JSON.stringify(event));
      for (const event of HELLO) socket.send(JSON.stringify(event));
      for (const event of late) socket.send(event);
    });
  });
  await once(upstream, 'listening');
  const gateway = await gatewayTo(`http://127.0.0.1:${upstream.address().port}`);
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const client = await connect(`${gateway.url}/v1/responses`, KEY);
  for (const turn of [1, 2, 3]) {
    const events = await ask(client, FRAME);
    assert.deepEqual(events.filter(({ delta }) => delta).map(({ delta }) => delta), ['Hello']);
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(connections, turn);
  }
  client.socket.close();
});

describe('bodies', IN_TIME, () => {
  const LARGE = Buffer.alloc(40 << 20, '{');
  const { gzipSync, deflateSync, brotliCompressSync, zstdCompressSync } = zlib;
  const BOMBS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

  test('that grow are bounded before and after they are decoded', { ...IN_TIME, skip: ofBinary }, async (context) => {
    const { gateway } = await behind(context, { maxBodyBytes: 4 << 20 });
    for (const [encoding, encode] of Object.entries(BOMBS)) {
      if (encode === undefined) continue;
      const { status } = await post(gateway, '/v1/responses', encode(LARGE), { 'content-encoding': encoding });
      assert.equal(status, 413, encoding);
    }
    // A zstd frame that asks for a window of 128 MiB.
    const window = Buffer.from('28b52ffd00880100004142', 'hex');
    assert.equal((await post(gateway, '/v1/responses', window, { 'content-encoding': 'zstd' })).status, 400);
    assert.ok(gateway.peakBytes() < 100 << 20, `${gateway.peakBytes() >> 20} MiB`);
  });

  test('that are no request are 400, and nothing is 500', async (context) => {
    const { gateway } = await behind(context);
    const paths = ['/v1/responses', '/v1/chat/completions', '/v1/images/generations', '/backend-api/codex/responses'];
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const bodies = ['', '{', 'null', '[]', '"x"', '{"model":1}', deep, `{"input":${deep}}`, Buffer.from([0xff, 0xfe, 0x7b])];
    for (const path of paths) {
      for (const body of bodies) {
        const { status, json } = await post(gateway, path, body, KEY);
        assert.ok(status === 400 || (status === 200 && body === '{"model":1}'), `${path} ${status} ${String(body).slice(0, 20)}`);
        if (status === 400) assert.equal(json.error.type, 'invalid_request_error');
      }
    }
    const wrong = [['GET', '/v1/chat/completions'], ['PUT', '/v1/responses'], ['POST', '/v1/models'], ['DELETE', '/healthz']];
    for (const [method, path] of wrong) assert.equal(await statusOf(gateway, { method, path }), 405, `${method} ${path}`);
    for (const path of ['/v2', '/v1/none', '/v1//responses', '/%00', '/..%2fetc']) {
      assert.equal(await statusOf(gateway, { path }), 404, path);
    }
  });

  test('a body that nobody asked for does not cost the answer', { skip: ofBinary }, async (context) => {
    const { gateway } = await behind(context);
    const body = 'x'.repeat(512 << 10);
    for (let nth = 0; nth < 20; nth++) {
      const response = await fetch(`${gateway.url}/v1/nowhere`, { method: 'POST', body });
      assert.deepEqual([response.status, (await response.json()).error.message], [404, 'there is no such path here']);
    }
  });

  test('that are large keep nobody waiting', async (context) => {
    const gateway = await gatewayTo('http://127.0.0.1:1');
    context.after(gateway.close);
    const input = Array.from({ length: 10_000 }, (_, at) => user(`Line ${at} ${'x'.repeat(200)}`));
    const large = post(gateway, '/v1/responses', { ...ASK, input, previous_response_id: null }, KEY);
    let most = 0;
    let isOver = false;
    large.then(() => (isOver = true));
    while (!isOver) {
      const begun = performance.now();
      await (await fetch(`${gateway.url}/healthz`)).text();
      most = Math.max(most, performance.now() - begun);
      await new Promise((done) => setTimeout(done, 5));
    }
    if (!ofBinary) assert.ok(most < 500, `${most} ms`);
  });
});

describe('pages in a browser', IN_TIME, () => {
  const status = async (context, headers, options) => {
    const gateway = await gatewayTo('http://127.0.0.1:1', options);
    context.after(gateway.close);
    return { gateway, got: await statusOf(gateway, headers(new URL(gateway.url))) };
  };

  test('of other origins are refused, over HTTP and WebSockets', async (context) => {
    const { got, gateway } = await status(context, () => ({ origin: 'https://evil.example' }));
    assert.equal(got, 403);
    const { host } = new URL(gateway.url);
    assert.equal(await statusOf(gateway, { origin: `http://${host}` }), 200);
    assert.equal(await statusOf(gateway, { 'sec-fetch-site': 'cross-site' }), 403);
    await assert.rejects(connect(`${gateway.url}/v1/responses`, { origin: 'https://evil.example' }));
  });

  test('that gave their name the address of this machine are refused', async (context) => {
    const { got, gateway } = await status(context, () => ({ host: 'evil.example' }));
    assert.equal(got, 403);
    for (const host of ['localhost', '127.0.0.1:80', '[::1]:9']) assert.equal(await statusOf(gateway, { host }), 200, host);
    for (const host of ['localhost.evil.example', '127.0.0.1.evil.example']) {
      assert.equal(await statusOf(gateway, { host }), 403, host);
    }
  });

  test('but those that are listed', async (context) => {
    const options = { allowOrigin: 'https://mine.example', allowHost: 'mine.example' };
    const headers = () => ({ origin: 'https://mine.example', host: 'mine.example' });
    assert.equal((await status(context, headers, options)).got, 200);
  });
});

test('an upstream that only comments holds no memory', { ...IN_TIME, skip: ofBinary }, async (context) => {
  const upstream = await scripted(async (response) => {
    begin(response);
    const comments = Buffer.from(': nothing yet\n\n'.repeat(10_000));
    for (let at = 0; at < 120 && !response.destroyed; at += 1) {
      await new Promise((done) => response.write(comments, done));
    }
    response.end(Buffer.concat(HELLO.map(sse)));
  });
  const gateway = await gatewayTo(upstream.url);
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const asked = [{ ...CHAT, stream: true }, CHAT].map((body) => post(gateway, '/v1/chat/completions', body, KEY));
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  assert.ok(gateway.peakBytes() < 50 << 20, `${gateway.peakBytes() >> 20} MiB`);
});

test('half a request is given up', { timeout: 60_000 }, async (context) => {
  const gateway = await gatewayTo('http://127.0.0.1:1');
  context.after(gateway.close);
  const { port } = new URL(gateway.url);
  for (const [sent, answered] of [
    ['GET /healthz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    ['GET /healthz HTTP/1.1\r\nhost:\r\n\r\n', /^HTTP\/1\.1 40/],
    ['NONSENSE\r\n\r\n', /^HTTP\/1\.1 400/],
    ['POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n', /^HTTP\/1\.1 400/],
  ]) {
    const socket = dial(Number(port), '127.0.0.1');
    socket.write(sent); // A client that has ended is gone to a server: it needs no answer.
    const [answer = ''] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [])]);
    socket.destroy();
    assert.match(answer.toString(), answered, sent);
  }
});
