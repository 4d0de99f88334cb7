// Every fixture, whole and cut: the same bytes, errors and outcome as in the other languages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatTranscoder, SluicegateError, SseParser } from 'sluicegate';
import { cases, cuttings, json, lines } from './cases.mjs';

const sse = cases('sse');
const chat = cases('chat');

test('there are fixtures', () => {
  assert.ok(sse.length > 0, 'no case in fixtures/sse');
  assert.ok(chat.length > 0, 'no case in fixtures/chat');
});

/** What a parser says about an input cut so. */
function parse(chunks, options) {
  const parser = new SseParser(options);
  const said = { events: [], errors: [] };
  const take = (call) => {
    try {
      said.events.push(...call());
    } catch (error) {
      if (!(error instanceof SluicegateError)) throw error;
      said.events.push(...error.events);
      said.errors.push(error, ...error.further);
    }
  };
  for (const chunk of chunks) take(() => parser.feed(chunk));
  take(() => parser.finish());
  return {
    events: said.events.map((event) => JSON.stringify(event)),
    errors: said.errors.map(({ code, offset }) => JSON.stringify({ error: { code, offset } })),
    state: { retry: parser.retry, last_event_id: parser.lastEventId },
    isLinear: parser.bytesTouched <= 2 * chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}

for (const { name, file } of sse) {
  test(`sse/${name}`, () => {
    const expected = lines(file('events.jsonl'));
    const state = json(file('state.json'));
    const options = json(file('options.json')) ?? undefined;
    let cuts = 0;
    for (const chunks of cuttings(file('input.sse'))) {
      const said = parse(chunks, options);
      const where = `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`;
      assert.deepEqual(said.events, expected.filter((line) => !line.startsWith('{"error"')), where);
      assert.deepEqual(said.errors, expected.filter((line) => line.startsWith('{"error"')), where);
      // Both sides as numbers: one case holds a retry beyond 2^53.
      if (state !== null) assert.deepEqual(said.state, state, where);
      assert.ok(said.isLinear, where);
      cuts += 1;
    }
    assert.ok(cuts >= 2);
  });
}

/** What a transcoder says about pieces given so. */
function transcode(options, pieces, give) {
  const transcoder = new ChatTranscoder(options);
  const out = pieces.map((piece) => give(transcoder, piece));
  out.push(transcoder.finish());
  return { output: Buffer.concat(out).toString(), outcome: `${transcoder.outcomeJson}\n` };
}

for (const { name, file } of chat) {
  test(`chat/${name}`, () => {
    const expected = { output: file('output.sse').toString(), outcome: file('outcome.json').toString() };
    const options = json(file('options.json')) ?? undefined;
    const input = file('input.sse');
    if (input === null) {
      const frames = lines(file('frames.jsonl'));
      const feedEvent = (transcoder, frame) => transcoder.feedEvent(frame);
      assert.deepEqual(transcode(options, frames, feedEvent), expected);
      assert.deepEqual(transcode(options, frames.map((frame) => Buffer.from(frame)), feedEvent), expected);
      return;
    }
    for (const chunks of cuttings(input)) {
      const said = transcode(options, chunks, (transcoder, chunk) => transcoder.feed(chunk));
      assert.deepEqual(said, expected, `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`);
    }
  });
}
