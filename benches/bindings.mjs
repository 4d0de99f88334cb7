// What crossing the border costs: ChatTranscoder in Node beside what Node programs do today.
//
// Input: a stream of text deltas. Output: one row of the table as JSON. Both sides must give the same before either is
// timed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createParser } from 'eventsource-parser';
import { ChatTranscoder } from '../bindings-node/index.js';

const CHUNK = 16 << 10;
const ROUNDS = 9;
const REPEATS = 20; // ours is over before the clock ticks twice

function ours(chunks, each) {
  const transcoder = new ChatTranscoder();
  for (const chunk of chunks) each(transcoder.feed(chunk));
  assert.equal(transcoder.outcome.status, 'completed');
}

function peer(chunks, each) {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const send = (text) => each(encoder.encode(`data: ${text}\n\n`));
  let head = {};
  const chunk = (delta, finish_reason = null) =>
    send(JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] }));
  const parser = createParser({
    onEvent({ data }) {
      const event = JSON.parse(data);
      switch (event.type) {
        case 'response.created': {
          const { id, created_at: created, model } = event.response;
          head = { id, created, model };
          return chunk({ role: 'assistant', content: '' });
        }
        case 'response.output_text.delta':
          return chunk({ content: event.delta });
        case 'response.completed':
          chunk({}, 'stop');
          return send('[DONE]');
      }
    },
  });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
}

/** What a chat client reads. */
function contentOf(run, chunks) {
  const pieces = [];
  run(chunks, (bytes) => pieces.push(bytes));
  const frames = Buffer.concat(pieces).toString().split('\n\n');
  assert.deepEqual(frames.splice(-2), ['data: [DONE]', '']);
  return frames.map((frame) => JSON.parse(frame.slice('data: '.length)).choices[0].delta.content ?? '').join('');
}

/** CPU time: other processes do not count, our own garbage collector does. */
function nanoseconds(run, chunks, repeats) {
  const start = process.cpuUsage();
  let bytes = 0;
  for (let nth = 0; nth < repeats; nth++) run(chunks, (piece) => (bytes += piece.length));
  const { user, system } = process.cpuUsage(start);
  assert.ok(bytes > 0);
  return ((user + system) * 1000) / repeats;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const stream = readFileSync(process.argv[2]);
const chunks = [];
for (let at = 0; at < stream.length; at += CHUNK) chunks.push(stream.subarray(at, at + CHUNK));
const events = stream.toString().split('\n\n').length - 1;
const expected = contentOf(ours, chunks);
assert.ok(expected.length > 0);
assert.equal(contentOf(peer, chunks) === expected, true, 'the peer has another content');
for (let nth = 0; nth < 5; nth++) [ours, peer].forEach((run) => nanoseconds(run, chunks, 1)); // the compiler's warm-up
const times = Array.from({ length: ROUNDS }, () => [nanoseconds(ours, chunks, REPEATS), nanoseconds(peer, chunks, 1)]);
const { version } = JSON.parse(readFileSync(new URL('node_modules/eventsource-parser/package.json', import.meta.url)));
const other = {
  role: 'peer',
  name: `eventsource-parser ${version}, JSON`,
  ns: median(times.map(([, theirs]) => theirs)) / events,
  ratio: median(times.map(([mine, theirs]) => theirs / mine)),
  required: 20,
};
const ns = median(times.map(([mine]) => mine)) / events;
console.log(JSON.stringify({ thing: 'Node: transcode', unit: 'event', ns, others: [other] }));
