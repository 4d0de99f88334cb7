// Upstreams that mean harm, behind our fetch: their cost is bounded, and the client gets an answer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { Continuation, MemoryStore, convertRequest, lint } from 'sluicegate';
import { Transcoder, TranscoderStream, chatSse, errorEnvelope, isSse } from 'sluicegate';
import { wrapFetch } from 'sluicegate/fetch';
import { CREATED, HI, nodeFetch, soon } from './drop-in.mjs';
import { SSE, UNREAD, forever, hostile } from './hostile-server.mjs';
import native from '../lib/native.js';
import arguments_ from '../lib/arguments.js';
import { CHUNK, COMPLETED as DONE, DELTA, FINISH, bytes, gather, iterable, upstream } from './streams.mjs';

const MIB = 1 << 20;
const SPACE = ' '.repeat(65536);
const PAGE = '<p>Sorry</p>'.repeat(5461);
const COMMENTS = ': ping\n\n'.repeat(8192);

const ASKED = {
  chat: ['/chat/completions', { model: 'm', messages: HI }],
  stream: ['/chat/completions', { model: 'm', messages: HI, stream: true }],
  relay: ['/responses', { model: 'm', input: 'Hi', stream: true }],
};

/** One request through our fetch. */
function ask(fetch, url, [path, body], options = {}, init = {}) {
  const send = wrapFetch(fetch, { upstream: 'responses', ...options });
  return send(url + path, { method: 'POST', body: JSON.stringify(body), ...init });
}

const mocked = (stream) => async () => new Response(stream);

for (const fetch of [globalThis.fetch, nodeFetch]) {
  describe(`over ${fetch.name}`, () => {
    for (const [name, asked] of Object.entries(ASKED)) {
      for (const [kind, status] of [['page', 500], ['page', 200], ['space', 200], ['space', 429], ['text', 503]]) {
        test(`an endless ${kind} under ${status}: ${name}`, async (t) => {
          const chunk = { page: PAGE, space: SPACE, text: 'no\n'.repeat(9999) }[kind];
          const first = kind === 'page' ? '<html><title>Oops</title>' : '';
          const server = await hostile(t, forever(chunk, first), [], { status });
          const outcomes = [];
          const answer = await ask(fetch, server.url, asked, { onOutcome: (outcome) => outcomes.push(outcome.status) });
          assert.equal(answer.status, status === 200 ? 502 : status);
          const { error } = await answer.json();
          if (kind === 'page') assert.match(error.message, /Oops/);
          assert.deepEqual(outcomes, [kind === 'space' && status === 200 ? 'truncated' : 'failed']);
          await soon(server.left, 'leaving');
          assert.ok(server.sent < UNREAD, `${server.sent} bytes`);
        });
      }

      test(`an endless document: ${name}`, async (t) => {
        const server = await hostile(t, forever('"a",'.repeat(16384), '{"output":['));
        const answer = await ask(fetch, server.url, asked, { maxEventBytes: 2 * MIB });
        assert.equal(answer.status, 502);
        await soon(server.left, 'leaving');
        assert.ok(server.sent < UNREAD, `${server.sent} bytes`);
      });

      for (const [late, chunk] of [['comments', COMMENTS], ['events', DELTA.repeat(512)], ['space', SPACE]]) {
        test(`${late} after the end: ${name}`, async (t) => {
          const server = await hostile(t, forever(chunk, CREATED + DELTA + DONE), [SSE]);
          const answer = await ask(fetch, server.url, asked);
          const text = await answer.text();
          assert.equal(answer.status, 200);
          assert.match(text, /Hello/);
          assert.ok(text.split('[DONE]').length <= 2);
          await Promise.race([server.left, sleep(5000)]);
          assert.ok(server.sent < UNREAD * 3, `${server.sent} bytes`);
        });
      }
    }

    test('comments are passed on while the status is open', async (t) => {
      const server = await hostile(t, forever(COMMENTS), [SSE]);
      const answer = await ask(fetch, server.url, ASKED.relay);
      assert.equal(answer.status, 200);
      const reader = answer.body.getReader();
      assert.match(Buffer.from((await reader.read()).value).toString(), /^: ping/);
      await reader.cancel();
      await soon(server.left, 'leaving');
      assert.ok(server.sent < UNREAD, `${server.sent} bytes`);
    });

    for (const [name, cut, status] of [
      ['nothing', '', 502], ['an opening', CREATED, 502], ['a delta', CREATED + DELTA, 200],
      ['half a delta', CREATED + DELTA.slice(0, 20), 502],
    ]) {
      test(`a socket half-closed after ${name}`, async (t) => {
        const server = await hostile(t, () => [cut], [SSE], { stays: true });
        const answer = await ask(fetch, server.url, ASKED.stream);
        assert.match(await answer.text(), /upstream_truncated/);
        assert.equal(answer.status, status);
      });
    }

    test('a byte at a time', async (t) => {
      const server = await hostile(t, () => CREATED + DELTA + DONE, [SSE], { pause: 1 });
      const answer = await (await ask(fetch, server.url, ASKED.chat)).json();
      assert.equal(answer.choices[0].message.content, 'Hello');
    });

    for (const [name, first, chunk] of [
      ['white space', '', SPACE], ['a stream that has begun', CREATED, ': x\n'], ['an answer', CREATED + DELTA, DELTA.slice(0, -1)],
    ]) {
      test(`aborted in the middle of ${name}`, async (t) => {
        const server = await hostile(t, forever(chunk, first), [SSE], { pause: 30 });
        const own = new AbortController();
        const asked = ask(fetch, server.url, ASKED.stream, {}, { signal: own.signal });
        const read = asked.then((answer) => answer.text());
        await server.asked;
        await sleep(100);
        own.abort();
        await assert.rejects(read, { name: 'AbortError' });
        await soon(server.left, 'leaving');
      });
    }

    test('a client that does not read holds the upstream back', async (t) => {
      const server = await hostile(t, forever(DELTA.repeat(1024), CREATED), [SSE]);
      const answer = await ask(fetch, server.url, ASKED.stream);
      const reader = answer.body.getReader();
      await reader.read();
      await sleep(300);
      const before = server.sent;
      await sleep(300);
      assert.equal(server.sent, before);
      await reader.cancel();
      await soon(server.left, 'leaving');
    });
  });
}

describe('through a TransformStream', () => {
  for (const [what, first, chunk, found] of [
    ['comments after the end', CREATED + DELTA + DONE, COMMENTS, /Hello[^]*\[DONE\]\n\n$/],
    ['a page', '<html>', PAGE, /"error"[^]*\[DONE\]\n\n$/],
    ['white space', '', SPACE, /"error"[^]*\[DONE\]\n\n$/],
  ]) {
    test(`${what} without end: the source is cancelled`, async () => {
      let [sent, isCancelled] = [0, false];
      const pull = (controller) => {
        const text = sent === 0 ? first + chunk : chunk;
        sent += text.length;
        controller.enqueue(bytes(text));
      };
      const source = new ReadableStream({ pull, cancel: () => (isCancelled = true) });
      const output = source.pipeThrough(new TranscoderStream({ client: 'chat', upstream: 'responses' }));
      assert.match(await new Response(output).text(), found);
      assert.ok(isCancelled && sent < 2 * MIB, `${sent} bytes`);
    });
  }
});

for (const [coding, pack] of [['gzip', gzipSync], ['deflate', deflateSync]]) {
  for (const status of [200, 500]) {
    test(`a bomb of ${coding} under ${status}`, async (t) => {
      const bomb = pack(Buffer.alloc(64 * MIB, PAGE), { level: 9 });
      assert.ok(bomb.length < MIB);
      const server = await hostile(t, () => [bomb], [`content-encoding: ${coding}`], { status });
      const before = process.memoryUsage();
      const answer = await ask(fetch, server.url, ASKED.chat);
      assert.equal(answer.status, status === 200 ? 502 : 500);
      assert.match((await answer.json()).error.message, /HTML|Sorry/);
      const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers;
      assert.ok(grown < 32 * MIB, `${grown} bytes`);
    });
  }
}

test('a bomb inside an event', async (t) => {
  const bomb = gzipSync(Buffer.concat([bytes('data: {"type":"'), Buffer.alloc(32 * MIB, 'x')]));
  const server = await hostile(t, () => [bomb], [SSE, 'content-encoding: gzip']);
  const answer = await ask(fetch, server.url, ASKED.chat, { maxEventBytes: MIB });
  assert.deepEqual([answer.status, (await answer.json()).error.code], [502, 'event_too_large']);
});

test('slow blank lines before an answer are no attack', async () => {
  const texts = [...Array(20_000).fill('\n'), CREATED + DELTA + DONE];
  const answer = await ask(mocked(upstream(texts).stream), 'http://test', ASKED.chat);
  assert.equal((await answer.json()).choices[0].message.content, 'Hello');
});

test('ids that collide: each conversation goes on from its own', async () => {
  const sent = [];
  const same = async (_, { body }) => {
    sent.push(Buffer.from(body).toString());
    return new Response(CHUNK + FINISH);
  };
  const known = { upstream: 'chat', store: new MemoryStore(), continuation: new Continuation('t', { recordUnstored: true }) };
  const turn = async (input, previous) => {
    const asked = ['/responses', { model: 'm', input, ...(previous && { previous_response_id: previous }) }];
    return (await ask(same, 'http://test', asked, known)).json();
  };
  const [first, second] = [await turn('question 0'), await turn('question 1')];
  assert.notEqual(first.id, second.id);
  await turn('and?', first.id);
  assert.match(sent.at(-1), /question 0/);
  assert.doesNotMatch(sent.at(-1), /question 1/);
});

/** An item of so many levels. */
function deep(levels) {
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed' };
  item.content = [{ type: 'output_text', text: 'Hello', annotations: [] }];
  let x = [];
  for (let nth = 0; nth < levels - 2; nth += 1) x = [x];
  return { ...item, x };
}

test('an item as deep as can be is read again, and recorded', async () => {
  const warned = [];
  const warn = (warning) => warned.push(warning);
  process.on('warning', warn);
  for (let levels = 122; levels < 130; levels += 1) {
    const done = { type: 'response.output_item.done', output_index: 0, item: deep(levels) };
    const stream = `${CREATED}${DELTA}data: ${JSON.stringify(done)}\n\n${DONE}`;
    const known = { store: new MemoryStore(), continuation: new Continuation('t', { recordUnstored: true }) };
    const answer = await (await ask(mocked(stream), 'http://test', ASKED.relay, known)).text();
    assert.match(answer, /Hello/);
    const whole = ['/responses', { model: 'm', input: 'Hi' }];
    const again = await (await ask(mocked(answer), 'http://test', whole)).json();
    assert.equal(again.status, 'completed', `${levels} levels`);
  }
  await sleep(10);
  process.off('warning', warn);
  assert.deepEqual(warned, []);
});

test('a record that cannot be made costs no answer', async () => {
  const broken = new (class extends Continuation {
    record() {
      throw new RangeError('no record');
    }
  })('t', { recordUnstored: true });
  const known = { store: new MemoryStore(), continuation: broken };
  const warned = new Promise((seen) => process.once('warning', seen));
  const asked = ['/responses', { model: 'm', input: 'Hi' }];
  const answer = await (await ask(mocked(CREATED + DELTA + DONE), 'http://test', asked, known)).json();
  assert.equal(answer.status, 'completed');
  assert.match((await warned).message, /not recorded/);
});

test('a view outside of its buffer is a TypeError', () => {
  const shrunk = (make) => {
    const buffer = new ArrayBuffer(64, { maxByteLength: 128 });
    const view = make(buffer);
    buffer.resize(8);
    return view;
  };
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const views = [
    shrunk((buffer) => new Uint8Array(buffer, 16, 16)),
    shrunk((buffer) => new Uint8Array(buffer, 32)),
    shrunk((buffer) => Buffer.from(buffer, 4, 32)),
    detached,
  ];
  for (const view of views) {
    const transcoder = new Transcoder({ client: 'chat', upstream: 'responses' });
    for (const use of [() => transcoder.feed(view), () => isSse(view), () => lint(view), () => errorEnvelope({ body: view })]) {
      assert.throws(use, { name: 'TypeError', message: /not inside its buffer/ });
    }
  }
  const tracking = shrunk((buffer) => new Uint8Array(buffer)); // 8 bytes of it are left
  assert.equal(isSse(tracking), false);
  assert.equal(isSse(new Uint8Array(new ArrayBuffer(8), 8)), null);
  assert.equal(isSse(shrunk((buffer) => new Uint8Array(buffer, 8, 0))), null);
});

test('messages are one line', () => {
  for (const sign of ['\n', '\r', '\0', '\u001b[2J', '\u2028', '\u2029', '\u202e', '\u0085', '\u007f']) {
    const name = `a${sign}b`;
    const strict = { client: 'responses', upstream: 'responses', profile: 'codex', strict: true };
    const uses = [
      () => new Transcoder({ client: 'chat', upstream: 'responses', [name]: 1 }),
      () => new Transcoder({ client: 'chat', upstream: 'responses', [name]: () => 1 }),
      () => convertRequest({ model: 'm', input: 'x', tool_choice: { type: 'function', name } }, strict),
      () => new Continuation('t').expand({ model: 'm', input: 'x', previous_response_id: name }),
      () => new Continuation('t').record({ body: '{}', origin: null }, '{}', { [name]: 1 }),
    ];
    for (const [nth, use] of uses.entries()) {
      assert.throws(use, ({ message }) => /^[\P{C}]+$/u.test(message) && !/[\u2028\u2029]/.test(message), `${nth}`);
    }
  }
});

test('numbers that no program has cost no outcome', async () => {
  for (const number of ['1'.repeat(4301), '1e999']) {
    const limits = `data: {"type":"codex.rate_limits","limit":${number},"b":1}\n\n`;
    const outcomes = [];
    const frames = chatSse(iterable([limits, DELTA, DONE]), {}, { onOutcome: (outcome) => outcomes.push(outcome) });
    assert.match((await gather(frames)).out, /Hello/);
    assert.deepEqual(outcomes[0].rate_limits, { limit: null, b: 1 });
    assert.deepEqual(outcomes[0].notes.map(({ code, detail }) => [code, detail]), [['limit_exceeded', 'rate_limits']]);
  }
});

/** There a fault is a trap, which has no words of its own. */
const isWasm = process.env.SLUICEGATE_NATIVE === 'wasm';

test('a fault is an error of ours', () => {
  assert.throws(() => arguments_.attempt(() => native.fault()), (error) => {
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.code], ['SluicegateError', 'internal']);
    return error.message.startsWith('a fault in sluicegate: ') && error.message.includes(isWasm ? 'unreachable' : 'on purpose');
  });
});
