// fixtures/sse: events, recoverable errors and state, whole and at any cut.
import assert from 'node:assert/strict';
import { SluicegateError, SseParser } from 'sluicegate';
import { cuttings, json, lines, replays, whereOf } from '../cases.mjs';

/** What a parser makes of an input cut so. */
function parse(chunks, options) {
  const parser = new SseParser(options);
  const got = { events: [], errors: [] };
  const take = (call) => {
    try {
      got.events.push(...call());
    } catch (error) {
      if (!(error instanceof SluicegateError)) throw error;
      got.events.push(...error.events);
      got.errors.push(error, ...error.further);
    }
  };
  for (const chunk of chunks) take(() => parser.feed(chunk));
  take(() => parser.finish());
  return {
    events: got.events.map((event) => JSON.stringify(event)),
    errors: got.errors.map(({ code, offset }) => JSON.stringify({ error: { code, offset } })),
    state: { retry: parser.retry, last_event_id: parser.lastEventId },
    isLinear: parser.bytesTouched <= 2 * chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}

export const sse = replays('sse', (file) => {
  const expected = lines(file('events.jsonl'));
  const state = json(file('state.json'));
  const options = json(file('options.json')) ?? undefined;
  let cuts = 0;
  for (const chunks of cuttings(file('input.sse'))) {
    const got = parse(chunks, options);
    const where = whereOf(chunks);
    assert.deepEqual(got.events, expected.filter((line) => !line.startsWith('{"error"')), where);
    assert.deepEqual(got.errors, expected.filter((line) => line.startsWith('{"error"')), where);
    // Both sides as numbers: one case holds a retry beyond 2^53.
    if (state !== null) assert.deepEqual(got.state, state, where);
    assert.ok(got.isLinear, where);
    cuts += 1;
  }
  assert.ok(cuts >= 2);
});
