// The stream faces: endings, failures, backpressure and who closes what.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import {
  ChatTranscoder,
  ChatTranscoderStream,
  ResponsesRelay,
  ResponsesRelayStream,
  ResponsesTranscoder,
  ResponsesTranscoderStream,
  SluicegateError,
  chatSse,
  respondSse,
  responsesSse,
} from 'sluicegate';
import { CHUNK, COMPLETED, DELTA, FINISH, bytes, gather, iterable, silent, text, upstream } from './streams.mjs';

// What behaves alike. STOP: how a good stream ends; CUT: how one does that was cut.
const FACES = [
  {
    Class: ChatTranscoder,
    sse: chatSse,
    Stream: ChatTranscoderStream,
    member: 'transcoder',
    DELTA,
    COMPLETED,
    STOP: /"finish_reason":"stop"[^]*data: \[DONE\]\n\n$/,
    CUT: /"error":\{.*"code":"upstream_truncated"\}\}\n\ndata: \[DONE\]\n\n$/,
  },
  {
    Class: ResponsesRelay,
    sse: responsesSse,
    Stream: ResponsesRelayStream,
    member: 'relay',
    DELTA,
    COMPLETED,
    STOP: /event: response\.completed\ndata: .*"text":"Hello.*\n\n$/,
    CUT: /event: response\.failed\ndata: .*"type":"upstream_truncated".*"text":"Hello".*\n\n$/,
  },
  {
    Class: ResponsesTranscoder,
    sse: respondSse,
    Stream: ResponsesTranscoderStream,
    member: 'transcoder',
    DELTA: CHUNK,
    COMPLETED: FINISH,
    STOP: /event: response\.completed\ndata: .*"text":"Hello.*\n\n$/,
    CUT: /event: response\.failed\ndata: .*"type":"upstream_truncated".*"text":"Hello".*\n\n$/,
  },
];

function each(face, suite) {
  for (const faces of FACES) describe(faces[face].name, () => suite(faces));
}

/** What one of the class gives for these texts. */
function expected(Class, texts, options) {
  const consumer = new Class(options);
  return [...texts.map((given) => consumer.feed(bytes(given))), consumer.finish()].map(text).join('');
}

each('Stream', ({ Class, Stream, member, DELTA, COMPLETED, STOP, CUT }) => {
  test('pipes a response body', async () => {
    const texts = [DELTA.slice(0, 20), DELTA.slice(20), COMPLETED];
    const stream = new Stream({ model: 'm', created: 1 });
    assert.ok(stream instanceof TransformStream);
    const body = new Response(texts.join('')).body.pipeThrough(stream);
    const out = await new Response(body).text();
    assert.equal(out, expected(Class, texts, { model: 'm', created: 1 }));
    assert.equal(stream[member].outcome.status, 'completed');
    assert.equal(stream[member].committed, true);
  });

  test('ends a source that just stops as a cut one', async () => {
    const { out, error } = await gather(upstream([DELTA]).stream.pipeThrough(new Stream()));
    assert.equal(error, null);
    assert.match(out, CUT);
    assert.doesNotMatch(out, STOP);
  });

  test('passes the error of a source on', async () => {
    const reset = new Error('reset');
    const { stream } = upstream([DELTA], (controller) => controller.error(reset));
    assert.equal((await gather(stream.pipeThrough(new Stream()))).error, reset);
  });

  test('reads no further than its consumer, and cancels the source with it', async () => {
    const { stream, seen } = upstream(Array(100).fill(DELTA), silent);
    const reader = stream.pipeThrough(new Stream()).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(seen.pulls < 6, `${seen.pulls} chunks read ahead`);
    await reader.cancel();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(seen.cancelled, 1);
  });

  test('takes a readable strategy', async () => {
    const { stream, seen } = upstream(Array(100).fill(DELTA), silent);
    stream.pipeThrough(new Stream({}, undefined, { highWaterMark: 40 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(seen.pulls >= 40, `${seen.pulls} chunks read ahead`);
  });

  test('fails on a chunk that is none and on wrong options', async () => {
    const { error } = await gather(ReadableStream.from([7]).pipeThrough(new Stream()));
    assert.ok(error instanceof TypeError);
    assert.throws(() => new Stream({ modell: 'm' }), SluicegateError);
  });
});

each('sse', ({ Class, sse, DELTA, COMPLETED, STOP, CUT }) => {
  const texts = [DELTA.slice(0, 30), DELTA.slice(30), ': nothing to say\n\n', COMPLETED];

  test('gives the same from a ReadableStream and from an async iterable', async () => {
    for (const source of [upstream(texts).stream, iterable(texts)]) {
      const outcomes = [];
      const got = await gather(sse(source, { model: 'm' }, { onOutcome: (outcome) => outcomes.push(outcome) }));
      assert.equal(got.error, null);
      assert.equal(got.out, expected(Class, texts, { model: 'm' }));
      assert.ok(got.pieces.every((piece) => piece.length > 0));
      assert.deepEqual(outcomes.map(({ status }) => status), ['completed']);
    }
  });

  test('ends a source that fails, then throws its error', async () => {
    const reset = new Error('reset');
    const fail = () => {
      throw reset;
    };
    for (const source of [upstream([DELTA], fail).stream, iterable([DELTA], fail)]) {
      const outcomes = [];
      const got = await gather(sse(source, {}, { onOutcome: (outcome) => outcomes.push(outcome) }));
      assert.equal(got.error, reset);
      assert.match(got.out, CUT);
      assert.deepEqual(outcomes.map(({ status }) => status), ['truncated']);
    }
  });

  test('adds nothing when the source fails after the terminal event', async () => {
    const reset = new Error('reset');
    const { stream } = upstream([DELTA, COMPLETED], (controller) => controller.error(reset));
    const got = await gather(sse(stream));
    assert.equal(got.error, reset);
    assert.match(got.out, STOP);
    assert.equal(got.out, expected(Class, [DELTA, COMPLETED]));
  });

  test('gives the ending through ReadableStream.from before the error', async () => {
    const { stream } = upstream([DELTA], (controller) => controller.error(new Error('reset')));
    const got = await gather(ReadableStream.from(sse(stream)));
    assert.match(got.out, CUT);
    assert.equal(got.error.message, 'reset');
  });

  test('left early cancels the source, without an outcome', async () => {
    const { stream, seen } = upstream(Array(9).fill(DELTA), silent);
    for await (const piece of sse(stream, {}, { onOutcome: () => assert.fail('no outcome yet') })) {
      assert.ok(piece.length > 0);
      break;
    }
    assert.equal(seen.cancelled, 1);

    let isClosed = false;
    const source = async function* () {
      try {
        for (;;) yield bytes(DELTA);
      } finally {
        isClosed = true;
      }
    };
    for await (const piece of sse(source())) {
      assert.ok(piece.length > 0);
      break;
    }
    assert.ok(isClosed);
  });

  test('left after the terminal event tells the outcome', async () => {
    const outcomes = [];
    const { stream, seen } = upstream([DELTA, COMPLETED], silent);
    const got = [];
    for await (const piece of sse(stream, {}, { onOutcome: (outcome) => outcomes.push(outcome) })) {
      got.push(text(piece));
      if (STOP.test(got.join(''))) break;
    }
    assert.deepEqual(outcomes.map(({ status }) => status), ['completed']);
    assert.equal(seen.cancelled, 1);
  });

  test('closed before it ran, or while the source is silent, cancels at once', { timeout: 2000 }, async () => {
    const idle = upstream([], silent);
    assert.deepEqual(await sse(idle.stream).return(), { done: true, value: undefined });
    assert.equal(idle.seen.cancelled, 1);

    const waiting = upstream([DELTA], silent);
    const output = sse(waiting.stream, {}, { onOutcome: () => assert.fail('no outcome yet') });
    await output.next();
    const pending = output.next();
    await output.return();
    assert.equal(waiting.seen.cancelled, 1);
    assert.deepEqual(await pending, { done: true, value: undefined });

    const node = new Readable({ read() {} });
    node.push(bytes(DELTA));
    const over = sse(node);
    await over.next();
    const next = over.next();
    await over.return();
    assert.ok(node.destroyed);
    assert.deepEqual(await next, { done: true, value: undefined });
  });

  test('closes the source when a chunk is none or the consumer throws', async () => {
    let isClosed = false;
    const wrong = async function* () {
      try {
        yield [DELTA];
      } finally {
        isClosed = true;
      }
    };
    const got = await gather(sse(wrong()));
    assert.ok(got.error instanceof TypeError);
    assert.ok(isClosed);

    const { stream, seen } = upstream([DELTA, DELTA], silent);
    const output = sse(stream);
    await output.next();
    const mine = new Error('mine');
    await assert.rejects(output.throw(mine), mine);
    assert.equal(seen.cancelled, 1);
  });

  test('checks its arguments when called', () => {
    for (const source of [undefined, null, 'data', [bytes(DELTA)], {}]) assert.throws(() => sse(source), TypeError);
    assert.throws(() => sse(iterable([]), { modell: 'm' }), SluicegateError);
    assert.throws(() => sse(iterable([]), {}, { onOutcome: 'log' }), TypeError);
  });
});

test('a heartbeat between any two frames survives the client', async () => {
  const frames = expected(ChatTranscoder, [DELTA, DELTA, COMPLETED]).split(/(?<=\n\n)/);
  assert.ok(frames.length > 4);
  for (const isBlock of [false, true]) {
    const beat = text(ChatTranscoder.heartbeat(isBlock));
    const body = beat + frames.join(beat);
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://localhost/v1', fetch });
    const request = { model: 'any', messages: [{ role: 'user', content: 'hi' }] };
    const { choices } = await client.chat.completions.stream(request).finalChatCompletion();
    assert.equal(choices[0].message.content, 'HelloHello');
    assert.equal(choices[0].finish_reason, 'stop');
  }
});
