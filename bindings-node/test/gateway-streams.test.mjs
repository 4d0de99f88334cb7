// The gateway over time: what is cut, slow, silent, left, many or too much. The upstream does as each test says.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { request } from 'node:http';
import { describe, test } from 'node:test';
import { COMPLETED, CREATED, begin, delta, gatewayTo, openai } from './gateways.mjs';
import { IN_TIME, scripted, sse, until, write } from './gateways.mjs';
import { WebSocket, WebSocketServer } from './strict-client.mjs';

const ASK = { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] };
const ASK_RESPONSES = { model: 'm', stream: true, input: 'Hi' };
const silence = (ms) => new Promise((done) => setTimeout(done, ms));

/** A gateway over a scripted upstream; both end with the test. */
async function over(context, answer, options) {
  const upstream = await scripted(answer);
  const gateway = await gatewayTo(upstream.url, options);
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  return { upstream, gateway, client: openai(gateway) };
}

/** A request whose body nobody reads until asked. */
async function asked(gateway, path, body) {
  const sent = request(gateway.url + path, { method: 'POST' });
  sent.on('error', () => {});
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  return { sent, response };
}

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function textOf(stream) {
  return (await all(stream)).map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

describe('heartbeats', () => {
  /** Events in two pieces, with silences before, within and after them. */
  const slowly = async (response) => {
    begin(response);
    for (const event of [CREATED, delta('Hel'), delta('lo'), COMPLETED]) {
      const bytes = sse(event);
      for (const piece of [bytes.subarray(0, 20), bytes.subarray(20)]) {
        await silence(60);
        await write(response, piece);
      }
    }
    response.end();
  };

  for (const [path, body] of [['/v1/chat/completions', ASK], ['/v1/responses', ASK_RESPONSES]]) {
    test(`stand between the events of ${path}`, async (context) => {
      const { gateway } = await over(context, slowly, { heartbeatMs: 15, holdMs: 30 });
      const { response } = await asked(gateway, path, body);
      const text = Buffer.concat(await response.toArray()).toString();
      assert.ok(text.split(': ping\n').length > 4);
      const events = text.replaceAll(': ping\n', '').split('\n\n').filter((block) => block !== '');
      for (const block of events) assert.match(block, /^(event: \S+\n)?data: (\{.*\}|\[DONE\])$/);
    });
  }

  test('are survived by the client, in chat and Responses', async (context) => {
    const { client } = await over(context, slowly, { heartbeatMs: 15, holdMs: 30 });
    assert.equal(await textOf(await client.chat.completions.create(ASK)), 'Hello');
    const events = await all(await client.responses.create(ASK_RESPONSES));
    assert.deepEqual(events.map(({ type }) => type), [CREATED, delta(), delta(), COMPLETED].map(({ type }) => type));
  });

  test('hold no failure back for ever, and it is sent in the stream', async (context) => {
    const late = async (response) => {
      await silence(200);
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"Too busy.","code":"server_is_overloaded"}}');
    };
    const { client, gateway } = await over(context, late, { heartbeatMs: 20, holdMs: 50 });
    const stream = await client.chat.completions.create(ASK);
    await assert.rejects(textOf(stream), /Too busy/);
    const events = await all(await client.responses.create(ASK_RESPONSES));
    assert.equal(events.at(-1).response.error.message, 'Too busy.');
    await until(() => gateway.entries.length === 2, 'logged');
    for (const { status, class: kind } of gateway.entries) assert.deepEqual([status, kind], [200, 'overloaded']);
  });
});

describe('a client that leaves', () => {
  /** Events until the client is gone. */
  const endless = async (response) => {
    begin(response);
    await write(response, sse(CREATED));
    while (await write(response, sse(delta('more ')))) await silence(10);
  };
  const silent = async (response) => {
    begin(response);
    await write(response, Buffer.concat([CREATED, delta('Hello')].map(sse)));
  };
  const mute = async () => {};

  for (const [what, answer, stream] of [
    ['while it streams', endless, true],
    ['in a silence', silent, true],
    ['before the first byte', mute, true],
    ['who waits for a whole answer', endless, false],
  ]) {
    test(`${what} closes the upstream within a second`, IN_TIME, async (context) => {
      const { gateway, upstream } = await over(context, answer);
      const sent = request(`${gateway.url}/v1/chat/completions`, { method: 'POST' });
      sent.on('error', () => {});
      sent.end(JSON.stringify({ ...ASK, stream }));
      if (stream && answer !== mute) await once(sent, 'response');
      else await until(() => upstream.requests.length === 1, 'asked');
      const left = performance.now();
      sent.destroy();
      await upstream.requests[0].closed;
      assert.ok(performance.now() - left < 1000);
      await until(() => gateway.entries.length === 1, 'logged');
      assert.equal(gateway.entries[0].isCut, true);
    });
  }
});

describe('a slow client slows the upstream, and loses nothing', () => {
  const piece = 'x'.repeat(16_000);
  const count = 3000; // 48 MB

  /** Sends it all, and counts what has gone. */
  async function flood(send, sent) {
    await send(CREATED);
    for (; sent.count < count && (await send(delta(piece))); sent.count += 1);
    await send(COMPLETED);
  }

  /** Waits until no more goes. */
  async function stuck(sent) {
    for (let before = -1; before !== sent.count; await silence(300)) before = sent.count;
    // Those of the kernel take 4 MB where there are two connections of HTTP, 12 MB where both are WebSockets; up to 30 MB where
    // the machine is busy, as a receive buffer may grow to 32 MB.
    assert.ok(sent.count < count * 0.75, `${sent.count} of ${count} went into buffers`);
  }

  test('over HTTP', async (context) => {
    const sent = { count: 0 };
    const answer = async (response) => {
      begin(response);
      await flood((event) => write(response, sse(event)), sent);
      response.end();
    };
    const { gateway } = await over(context, answer);
    const { response } = await asked(gateway, '/v1/chat/completions', ASK);
    await stuck(sent);
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    assert.ok(sent.count === count && bytes > count * piece.length);
  });

  test('over WebSocket, on both sides', async (context) => {
    const sent = { count: 0 };
    const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    upstream.on('connection', (socket) => socket.once('message', () => flood((event) => sendTo(socket, event), sent)));
    await once(upstream, 'listening');
    const gateway = await gatewayTo(`http://127.0.0.1:${upstream.address().port}`);
    context.after(() => Promise.all([gateway.close(), upstream.close()]));
    const client = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`);
    await once(client, 'open');
    client.send(JSON.stringify({ type: 'response.create', model: 'm', input: 'Hi' }));
    client.pause();
    await stuck(sent);
    client.resume();
    let bytes = 0;
    for await (const [data] of on(client, 'message')) {
      bytes += data.length;
      if (data.includes('response.completed')) break;
    }
    client.terminate();
    assert.ok(sent.count === count && bytes > count * piece.length);
  });
});

/** Waits until it is written. */
function sendTo(socket, event) {
  return new Promise((done) => socket.send(JSON.stringify(event), (error) => done(!error)));
}

test('a hundred streams at once, cut anywhere, lose nothing', async (context) => {
  const random = seeded(20261121);
  const cut = async (response, body) => {
    const { prompt_cache_key: key } = JSON.parse(body);
    const words = Array.from({ length: 40 }, (_, at) => delta(`${key}·${at} ✓ `));
    const bytes = Buffer.concat([CREATED, ...words, COMPLETED].map(sse));
    begin(response);
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + Math.floor(random() * 200);
      await write(response, bytes.subarray(at, end));
      at = end;
    }
    response.end();
  };
  const { client } = await over(context, cut);
  const got = Array.from({ length: 100 }, async (_, at) => {
    return textOf(await client.chat.completions.create({ ...ASK, prompt_cache_key: `stream ${at}` }));
  });
  const expected = (_, at) => Array.from({ length: 40 }, (_, word) => `stream ${at}·${word} ✓ `).join('');
  assert.deepEqual(await Promise.all(got), Array.from({ length: 100 }, expected));
});

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('an upstream', () => {
  const CHAT = (client) => client.chat.completions.create(ASK);
  const RESPONSES = (client) => client.responses.create(ASK_RESPONSES);

  test('that stays open after its answer keeps nobody waiting', IN_TIME, async (context) => {
    const open = async (response) => {
      begin(response);
      await write(response, Buffer.concat([CREATED, delta('Hello'), COMPLETED].map(sse)));
    };
    const { client, upstream } = await over(context, open);
    for (const ask of [CHAT, RESPONSES]) await all(await ask(client));
    await client.responses.create({ model: 'm', input: 'Hi' });
    await Promise.all(upstream.requests.map(({ closed }) => closed));
  });

  test('that sends a page, or nothing, is a 502', async (context) => {
    const bodies = ['<html><title>Sorry</title></html>', ''];
    const { client } = await over(context, async (response) => response.end(bodies.shift() ?? ''));
    await assert.rejects(CHAT(client), { status: 502 });
    await assert.rejects(RESPONSES(client), { status: 502 });
  });

  for (const [what, chunk] of [['a page', '<p>Sorry</p>'], ['white space', '    ']]) {
    test(`that sends ${what} without end is left`, IN_TIME, async (context) => {
      let sent = 0;
      const { client, upstream } = await over(context, async (response) => {
        const bytes = Buffer.alloc(64 * 1024, chunk);
        while (sent < 96 << 20 && (await write(response, bytes))) sent += bytes.length;
      });
      for (const ask of [CHAT, RESPONSES, () => client.responses.create({ model: 'm', input: 'Hi' })]) {
        await assert.rejects(ask(client), { status: 502 });
      }
      await Promise.all(upstream.requests.map(({ closed }) => closed));
      assert.ok(sent < 3 * (12 << 20), `${sent} bytes`);
    });
  }

  test('is asked again over the same connection', IN_TIME, async (context) => {
    const ports = new Set();
    const answer = async (response) => {
      ports.add(response.socket.remotePort);
      begin(response);
      await write(response, Buffer.concat([CREATED, delta('Hello'), COMPLETED].map(sse)));
      await silence(20);
      response.end();
    };
    const { client, upstream } = await over(context, answer);
    for (let at = 0; at < 4; at += 1) {
      await all(await CHAT(client));
      await upstream.requests[at].closed;
      await silence(100); // until the gateway has seen it
    }
    assert.equal(ports.size, 1);
  });
});

test('a client that leaves while it sends is no fault of the gateway', async (context) => {
  const { gateway } = await over(context, async () => {});
  const sent = request(`${gateway.url}/v1/responses`, { method: 'POST', headers: { 'content-length': 1000 } });
  sent.on('error', () => {});
  sent.write('{');
  await silence(50);
  sent.destroy();
  await until(() => gateway.entries.length === 1, 'logged');
  const { isCut, status, fault } = gateway.entries[0];
  assert.deepEqual([isCut, status, fault], [true, null, undefined]);
});

test('headers go both ways, but for those of the connection', async (context) => {
  const answer = async (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1', 'set-cookie': 'a=b' });
    response.end(Buffer.concat([CREATED, delta('Hello'), COMPLETED].map(sse)));
  };
  const { client, upstream } = await over(context, answer);
  const headers = { 'chatgpt-account-id': 'acc_1', cookie: 'c=d' };
  const { response } = await client.chat.completions.create(ASK, { headers }).withResponse();
  const sent = upstream.requests[0].headers;
  assert.deepEqual([sent.authorization, sent['chatgpt-account-id']], ['Bearer sk-test', 'acc_1']);
  assert.deepEqual([sent.originator, sent.cookie], ['codex_cli_rs', undefined]);
  assert.equal(response.headers.get('x-request-id'), 'req_1');
  assert.equal(response.headers.get('set-cookie'), null);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  await response.body?.cancel();
});

test('stop sequences, which Responses has none of, end the answer', IN_TIME, async (context) => {
  const { client } = await over(context, async (response) => {
    begin(response);
    for (const event of [CREATED, delta('one EN'), delta('D two'), COMPLETED]) await write(response, sse(event));
    response.end();
  });
  assert.equal(await textOf(await client.chat.completions.create({ ...ASK, stop: ['END'] })), 'one ');
  const { choices } = await client.chat.completions.create({ ...ASK, stream: false, stop: 'END' });
  assert.deepEqual([choices[0].message.content, choices[0].finish_reason], ['one ', 'stop']);
});
