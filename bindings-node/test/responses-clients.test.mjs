// The official client reads the Responses stream of the relay and the Response of the collector, and ends with what the
// upstream sent (fold.mjs): as it was sent, with an empty terminal event, and cut.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ResponseCollector, ResponsesRelay } from 'sluicegate';
import { fold } from './fold.mjs';
import { clientOf, cut, emptied, give, givenOf, inputs, isEnd, upstreamOf } from './inputs.mjs';

const REQUEST = { model: 'any', input: 'hi' };

/** Every event of the stream. */
async function iterate(client) {
  const events = [];
  for await (const event of await client.responses.create({ ...REQUEST, stream: true })) events.push(event);
  return events;
}

/** The helper's final snapshot, as if it were a terminal event. */
async function snapshot(client) {
  const response = await client.responses.stream(REQUEST).finalResponse();
  return [{ type: `response.${response.status}`, response }];
}

/** Checks what the client reads of the relayed stream; how often, for it may not read such a stream at all. */
async function relay(input, check) {
  const sent = [input.body ?? Buffer.from(input.frames.map((frame) => `data: ${frame}\n\n`).join(''))];
  const relayed = [...give(new ResponsesRelay(input.options), input)];
  let read = 0;
  for (const reader of [iterate, snapshot]) {
    const canRead = await reader(clientOf(sent)).then(() => true, () => false);
    if (!canRead) continue;
    check(await reader(clientOf(relayed)), reader.name);
    read += 1;
  }
  return read;
}

/** Only the terminal event counts. Of an error only what the upstream sent; the rest is ours to fill. */
function assertReads(events, expected, options, message) {
  const got = fold({ events: events.filter(isEnd) }, { ...options, context: undefined });
  const error = expected.error && { ...got.error, ...expected.error };
  assert.deepEqual(got, error ? { error } : expected, message);
}

function expectedOf({ golden, ...input }) {
  if (golden === null) return fold(upstreamOf(input), input.options);
  if (golden.error && golden.response.status !== 'completed') return { error: givenOf(golden.error) };
  const { response } = golden;
  return fold({ events: [{ type: `response.${response.status}`, response }] }, { ...input.options, context: undefined });
}

/** One test for each input, and one that they compared something. `except`: names and why. */
function suite(name, { least, except = {} }, check) {
  describe(name, () => {
    let compared = 0;
    for (const input of inputs()) {
      test(input.name, { skip: input.skip || except[input.name] }, async () => {
        compared += await check(input);
      });
    }
    test('and that is not nothing', () => assert.ok(compared >= least, `${compared}`));
  });
}

const unnamed = { type_from_event_name: 'the client reads no names of SSE' };

suite('openai reads the relayed stream of', { least: 180, except: unnamed }, (input) => {
  const expected = expectedOf(input);
  return relay(input, (read, reader) => assertReads(read, expected, input.options, reader));
});

const except = { call_same_index_for_every_item: 'the fold knows items by their index' };

suite('openai reads all of a stream with an empty end', { least: 100, except }, (input) => {
  if (input.golden !== null) return 0; // the golden files are those of the whole
  const withEmptyEnd = emptied(input);
  if (withEmptyEnd === null) return 0;
  const expected = fold({ events: upstreamOf(withEmptyEnd).events }, input.options);
  return relay(withEmptyEnd, (read, reader) => assertReads(read, expected, input.options, reader));
});

suite('openai reads what had arrived of a cut', { least: 150, except }, (input) => {
  if (input.golden !== null) return 0;
  const arrived = upstreamOf(cut(input)).events;
  const expected = fold({ events: [...arrived, { type: 'response.completed' }] }, input.options);
  return relay(cut(input), (read, reader) => {
    const [{ type, response }, ...more] = read.filter(isEnd);
    assert.deepEqual([type, response.status, more], ['response.failed', 'failed', []]);
    assert.deepEqual([response.error.code, response.error.type], ['server_error', 'upstream_truncated']);
    const end = { type: 'response.completed', response: { ...response, status: 'completed' } };
    assertReads([end], expected, input.options, reader);
  });
});

suite('openai reads the collected Response of', { least: 100 }, async (input) => {
  const expected = expectedOf(input);
  if (expected.error) return 0;
  const collected = [...give(new ResponseCollector(input.options), input)].slice(-1);
  const response = await clientOf(collected, 'application/json').responses.create(REQUEST);
  assertReads([{ type: 'response.completed', response }], expected, input.options);
  return 1;
});
