// collect: one promise for a whole stream, and what becomes of its source.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseCollector, SluicegateError, collect } from 'sluicegate';
import { COMPLETED, DELTA, FAILED, bytes, iterable, silent, text, upstream } from './streams.mjs';

/** What a collector gives for these texts. */
function expected(texts, options) {
  const collector = new ResponseCollector(options);
  for (const given of texts) collector.feed(bytes(given));
  const response = text(collector.finish());
  return { response, completion: text(collector.chatCompletion()), outcome: collector.outcome };
}

/** The same of what was collected, and the error of the source. */
async function collected(source, options) {
  const { response, completion, ...rest } = await collect(source, options);
  return { response: text(response), completion: text(completion), ...rest };
}

const reset = new Error('reset');
const fail = () => {
  throw reset;
};

test('gives the same from a ReadableStream and from an async iterable', async () => {
  const texts = [DELTA.slice(0, 30), DELTA.slice(30), COMPLETED];
  for (const source of [upstream(texts).stream, iterable(texts), new Response(texts.join('')).body]) {
    const got = await collected(source, { model: 'm' });
    assert.deepEqual(got, { ...expected(texts, { model: 'm' }), error: null });
    assert.equal(JSON.parse(got.response).output[0].content[0].text, 'Hello');
    assert.equal(JSON.parse(got.completion).choices[0].message.content, 'Hello');
  }
});

test('takes a source that fails for a cut stream, and reports its error', async () => {
  for (const source of [upstream([DELTA], fail).stream, iterable([DELTA], fail)]) {
    const got = await collected(source);
    assert.deepEqual(got, { ...expected([DELTA]), error: reset });
    assert.equal(got.outcome.status, 'truncated');
    assert.equal(JSON.parse(got.response).status, 'incomplete');
    assert.equal(JSON.parse(got.completion).error.code, 'upstream_truncated');
  }
});

test('keeps what a source gave before it failed after the terminal event', async () => {
  const got = await collected(iterable([DELTA, COMPLETED], fail));
  assert.deepEqual(got, { ...expected([DELTA, COMPLETED]), error: reset });
  assert.equal(got.outcome.status, 'completed');
});

test('tells a failure without a reason from none', async () => {
  const { stream } = upstream([DELTA], (controller) => controller.error());
  const [{ error: none }, { error }] = [await collect(iterable([DELTA])), await collect(stream)];
  assert.deepEqual([none, error], [null, undefined]);
});

test('has a reported failure in the outcome', async () => {
  const { outcome, error } = await collected(iterable([FAILED]));
  assert.deepEqual([outcome.status, outcome.error.message, error], ['failed', 'busy', null]);
});

test('gives the source up when a chunk is none', async () => {
  const { stream, seen } = upstream([DELTA], silent);
  const lengths = stream.pipeThrough(new TransformStream({ transform: (chunk, out) => out.enqueue(chunk.length) }));
  await assert.rejects(collect(lengths), TypeError);
  assert.equal(seen.cancelled, 1);
});

test('rejects wrong arguments before the source is touched', async () => {
  for (const source of [undefined, null, 'data', [bytes(DELTA)], {}]) await assert.rejects(collect(source), TypeError);
  const { stream } = upstream([DELTA, COMPLETED]);
  await assert.rejects(collect(stream, { modell: 'm' }), SluicegateError);
  assert.equal((await collect(stream)).outcome.status, 'completed');
});
