// Streams through our fetch: as they come, no faster than they are read, and no longer than they are wanted.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Continuation } from 'sluicegate';
import { chatOverResponses } from 'sluicegate/fetch';
import { mulberry32 } from './cases.mjs';
import {
  ASK, CREATED, FETCHES,
  clientOn, gathered, lingering, listen, mocked, soon, textOf, until,
} from './drop-in.mjs';
import { COMPLETED, DELTA, bytes, silent, upstream } from './streams.mjs';

const STREAMED = { ...ASK, stream: true };
const SSE = { 'content-type': 'text/event-stream' };

/** Posts a chat request, as a client does that has no library. */
const post = (send, base, init) =>
  send(`${base}/chat/completions`, { method: 'POST', body: JSON.stringify(STREAMED), ...init });

for (const fetch of FETCHES) {
  describe(`over ${fetch.name}`, () => {
    test('the first chunk comes before the upstream goes on', async (t) => {
      let goOn;
      const isRead = new Promise((resolve) => (goOn = resolve));
      const base = await listen(t, async (_, response) => {
        response.writeHead(200, SSE).write(CREATED + DELTA);
        await isRead;
        response.end(COMPLETED);
      });
      const got = [];
      for await (const chunk of await clientOn(base, fetch).chat.completions.create(STREAMED)) {
        got.push(chunk);
        if (textOf(got) === 'Hello') goOn();
      }
      assert.equal(got.at(-1).choices[0].finish_reason, 'stop');
    });

    test('a client that goes away', async (t) => {
      const ways = {
        leaves: async (client) => {
          for await (const chunk of await client.chat.completions.create(STREAMED)) {
            assert.equal(chunk.choices[0].delta.role, 'assistant');
            break;
          }
        },
        aborts: async (client) => {
          const stream = client.chat.completions.stream(ASK);
          stream.on('content', () => stream.abort());
          await assert.rejects(stream.done(), /aborted/);
        },
      };
      for (const [way, go] of Object.entries(ways)) {
        const { url, left } = await lingering(t, [CREATED, DELTA]);
        await go(clientOn(url, fetch, { onOutcome: () => assert.fail('no outcome yet') }));
        await soon(left, way);
      }
    });

    test('a whole answer does not wait for an upstream that stays open', async (t) => {
      const { url, left } = await lingering(t, [CREATED, DELTA, COMPLETED]);
      const outcomes = [];
      const client = clientOn(url, fetch, { onOutcome: ({ status }) => outcomes.push(status) });
      const completion = await soon(client.chat.completions.create(ASK), 'the answer');
      assert.deepEqual([completion.choices[0].message.content, outcomes], ['Hello', ['completed']]);
      await left;
    });

    test('the end of a whole answer is waited for, so that its connection can serve again', async (t) => {
      let goOn;
      const isAnswered = new Promise((resolve) => (goOn = resolve));
      const ends = [];
      const base = await listen(t, async (_, response) => {
        response.on('close', () => ends.push(response.writableFinished));
        response.writeHead(200, SSE).write(CREATED + DELTA + COMPLETED);
        await isAnswered;
        response.end('data: [DONE]\n\n');
      });
      await clientOn(base, fetch).chat.completions.create(ASK);
      goOn();
      await until(() => ends.length === 1, 'the end');
      assert.deepEqual(ends, [true]);
    });

    test('a body that is cancelled, read or not', async (t) => {
      for (const reads of [0, 1]) {
        const { url, left } = await lingering(t, [CREATED, DELTA]);
        const { body } = await post(chatOverResponses(fetch), url);
        const reader = body.getReader();
        for (let nth = 0; nth < reads; nth += 1) await reader.read();
        await reader.cancel();
        await soon(left, `cancel after ${reads}`);
      }
    });

    test('a signal, in the middle of a stream, before its first byte, and before its head', async (t) => {
      const mine = new Error('mine');
      for (const texts of [[CREATED, DELTA], [CREATED], null]) {
        const { url, asked, left } = await lingering(t, texts);
        const controller = new AbortController();
        const answered = post(chatOverResponses(fetch), url, { signal: controller.signal });
        const got = answered.then((response) => response.text());
        await (texts?.includes(DELTA) ? answered : asked);
        controller.abort(mine);
        await assert.rejects(soon(got, 'the end'), mine);
        await soon(left, 'the upstream');
      }
    });

    test('the upstream waits for a client that does not read', { timeout: 60_000 }, async (t) => {
      const [piece, all] = [Buffer.from(DELTA.replace('Hello', 'Hello'.repeat(1000))), 512 << 20];
      let taken = 0;
      let left;
      const base = await listen(t, async (_, response) => {
        left = once(response, 'close');
        response.writeHead(200, SSE);
        for (; taken < all && !response.destroyed; taken += piece.length) {
          if (!response.write(piece)) await Promise.race([once(response, 'drain'), left]);
        }
        response.end();
      });
      const { body } = await post(chatOverResponses(fetch), base);
      const reader = body.getReader();
      await reader.read();
      const stalled = await still(() => taken);
      // What sockets buffer, and nothing that grows with the stream.
      assert.ok(stalled < 32 << 20, `${stalled} bytes taken`);
      while (taken === stalled) await reader.read();
      await reader.cancel();
      await soon(left, 'the upstream');
    });

    test('a hundred at once, cut anywhere', { timeout: 60_000 }, async (t) => {
      const base = await listen(t, async (_, response, asked) => {
        const seed = Number(JSON.parse(asked).model.slice('seed-'.length));
        response.writeHead(200, SSE);
        for (const chunk of cutAnywhere(bytes(eventsOf(wordsOf(seed))), mulberry32(seed))) {
          response.write(chunk);
          await turn();
        }
        response.end();
      });
      const client = clientOn(base, fetch);
      const seeds = Array.from({ length: 100 }, (_, seed) => seed);
      const texts = await Promise.all(seeds.map(async (seed) => {
        const chunks = await gathered(client.chat.completions.create({ ...STREAMED, model: `seed-${seed}` }));
        assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
        return textOf(chunks);
      }));
      assert.deepEqual(texts, seeds.map((seed) => wordsOf(seed).join('')));
      assert.equal(new Set(texts).size, 100);
    });
  });
}

/** The number, once it has not changed for a while. */
async function still(count) {
  for (let last = -1; ; ) {
    await new Promise((done) => setTimeout(done, 300));
    if (count() === last) return last;
    last = count();
  }
}

/** Deltas of every width in UTF-8, the same for the same seed. */
function wordsOf(seed) {
  const random = mulberry32(seed + 1000);
  const upTo = (least, most) => least + Math.floor(random() * most);
  return Array.from({ length: 40 }, () => ['a', 'é', '語', '😀', '"', '\n'][upTo(0, 6)].repeat(upTo(1, 9)));
}

function eventsOf(words) {
  const deltas = words.map((delta) => ({ type: 'response.output_text.delta', delta }));
  return CREATED + deltas.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + COMPLETED;
}

function* cutAnywhere(body, random) {
  for (let at = 0, end; at < body.length; at = end) {
    end = at + 1 + Math.floor(random() * 400);
    yield body.subarray(at, end);
  }
}

test('the upstream is read when the client reads, and no further', async () => {
  const { stream, seen } = upstream([CREATED, ...Array(100).fill(DELTA)], silent);
  const { body } = await post(chatOverResponses(mocked(stream)), 'http://test');
  assert.equal(seen.pulls, 2);
  const reader = body.getReader();
  for (let read = 2; read < 6; read += 1) {
    await reader.read();
    await turn();
    assert.equal(seen.pulls, read);
  }
  await reader.cancel();
  assert.equal(seen.cancelled, 1);
});

test('an abort is heard where the upstream does not hear it', async () => {
  const mine = new Error('mine');
  const tries = [
    () => chatOverResponses(silent),
    () => chatOverResponses(mocked(upstream([CREATED], silent).stream)),
    () => chatOverResponses(async () => ({ ok: true, status: 200, headers: [], body: (async function* () {
      yield bytes(CREATED + DELTA);
      await silent();
    })() })),
  ];
  for (const make of tries) {
    const controller = new AbortController();
    const got = post(make(), 'http://test', { signal: controller.signal }).then((response) => response.text());
    await turn();
    controller.abort(mine);
    await assert.rejects(soon(got, 'the end'), mine);
  }
  const aborted = AbortSignal.abort(mine);
  await assert.rejects(post(chatOverResponses(() => assert.fail('sent')), 'http://test', { signal: aborted }), mine);
});

test('an abort while the store is asked', async () => {
  let found;
  const store = { get: () => new Promise((resolve) => (found = resolve)), put: () => assert.fail('recorded') };
  const options = { continuation: new Continuation('tenant'), store };
  const controller = new AbortController();
  const body = JSON.stringify({ model: 'm', input: 'Hi', previous_response_id: 'resp_1' });
  let sent = 0;
  const send = chatOverResponses(async () => (sent += 1), options);
  const got = send('http://test/responses', { method: 'POST', body, signal: controller.signal });
  await until(() => found !== undefined, 'a look into the store');
  controller.abort();
  await assert.rejects(soon(got, 'the end'), { name: 'AbortError' });
  const response = { id: 'resp_1', status: 'completed', output: [] };
  found(new Continuation('tenant').record({ body: '{"input":"Hi"}', origin: null }, response).value);
  await turn();
  assert.equal(sent, 0);
});

test('a signal of before there were reasons', async () => {
  const signal = Object.assign(new EventTarget(), { aborted: false });
  const got = post(chatOverResponses(silent), 'http://test', { signal });
  signal.dispatchEvent(new Event('abort'));
  await assert.rejects(soon(got, 'the end'), { name: 'AbortError' });
  await assert.rejects(post(chatOverResponses(silent), 'http://test', { signal: { aborted: true } }), { name: 'AbortError' });
});

test('an answer that comes after the abort is given up', async () => {
  const { stream, seen } = upstream([CREATED], silent);
  const controller = new AbortController();
  let answer;
  const late = () => new Promise((resolve) => (answer = resolve));
  const got = post(chatOverResponses(late), 'http://test', { signal: controller.signal });
  await until(() => answer !== undefined, 'a request');
  controller.abort();
  await assert.rejects(got, { name: 'AbortError' });
  answer(new Response(stream));
  await until(() => seen.cancelled === 1, 'the stream is cancelled');
});

test('a signal that outlives its requests keeps nothing of them', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener: add, removeEventListener: remove } = signal;
  Object.assign(signal, {
    addEventListener: (...given) => {
      listeners += 1;
      add.apply(signal, given);
    },
    removeEventListener: (...given) => {
      listeners -= 1;
      remove.apply(signal, given);
    },
  });
  const [outcomes, theirs] = [[], []];
  const inner = async (url, init) => {
    theirs.push(init.signal);
    return new Response(CREATED + DELTA + COMPLETED);
  };
  const send = chatOverResponses(inner, { onOutcome: (outcome) => outcomes.push(outcome) });
  const response = await post(send, 'http://test', { signal });
  assert.equal(listeners, 1);
  assert.match(await response.text(), /DONE/);
  const whole = await post(send, 'http://test', { signal, body: JSON.stringify(ASK) });
  assert.equal((await whole.json()).choices[0].message.content, 'Hello');
  await post(send, 'http://test', { signal, body: '{}' });
  assert.deepEqual([listeners, outcomes.length], [0, 2]);
  // What has ended is not aborted.
  assert.deepEqual(theirs.map(({ aborted }) => aborted), [false, false]);
});
