// What crossing the border costs: ChatTranscoder in Node beside what Node programs do today.
//
// Input: a stream of text deltas; `events`: an event a chunk, as a model sends them, else 16 KiB. Output: one row of the table as
// JSON. All sides must give the same before any is timed.
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

/** What a call costs that has nothing to do. */
function crossing(chunks, each) {
  const transcoder = new ChatTranscoder();
  const comment = Buffer.from(':\n\n');
  for (const _ of chunks) transcoder.feed(comment);
  each({ length: 1 });
}

/** A loop written by hand: for streams whose chunks are whole events. */
function byHand(chunks, each) {
  const decoder = new TextDecoder();
  const write = writer(each);
  for (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    const at = text.indexOf('data: ');
    if (at >= 0) write(text.slice(at + 'data: '.length));
  }
}

function peer(chunks, each) {
  const decoder = new TextDecoder();
  const write = writer(each);
  const parser = createParser({ onEvent: ({ data }) => write(data) });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
}

/** Chat chunks of the data of events. */
function writer(each) {
  const encoder = new TextEncoder();
  const send = (text) => each(encoder.encode(`data: ${text}\n\n`));
  let head = {};
  const chunk = (delta, finish_reason = null) =>
    send(JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] }));
  return (data) => {
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
  };
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

/** Pieces of a size, or events. */
function* chunksOf(stream, isEvents) {
  for (let at = 0; at < stream.length; ) {
    const end = isEvents ? stream.indexOf('\n\n', at) + 2 : at + CHUNK;
    yield stream.subarray(at, end);
    at = end;
  }
}

const [, , path, pieces] = process.argv;
const isEvents = pieces === 'events';
const stream = readFileSync(path);
const chunks = [...chunksOf(stream, isEvents)];
const events = stream.toString().split('\n\n').length - 1;
const { version } = JSON.parse(readFileSync(new URL('node_modules/eventsource-parser/package.json', import.meta.url)));
const parserRow = [`eventsource-parser ${version}, JSON`, peer, isEvents ? undefined : 20];
const peers = isEvents ? [['indexOf, JSON', byHand, 5], parserRow] : [parserRow];
const repeats = isEvents ? 3 : REPEATS;

const expected = contentOf(ours, chunks);
assert.ok(expected.length > 0);
for (const [name, run] of peers) assert.equal(contentOf(run, chunks) === expected, true, `${name} has another content`);
const runs = [ours, ...peers.map(([, run]) => run), crossing];
for (let nth = 0; nth < 5; nth++) runs.forEach((run) => nanoseconds(run, chunks, 1)); // the compiler's warm-up
const times = Array.from({ length: ROUNDS }, () => runs.map((run) => nanoseconds(run, chunks, run === ours ? repeats : 1)));
const least = ['the same call with an empty comment', crossing];
const others = [...peers, ...(isEvents ? [least] : [])].map(([name, run, required], at) => ({
  role: run === crossing ? 'limit' : 'peer',
  name,
  ns: median(times.map((round) => round[at + 1])) / events,
  ratio: median(times.map((round) => round[at + 1] / round[0])),
  required,
}));
const ns = median(times.map(([mine]) => mine)) / events;
console.log(JSON.stringify({ thing: isEvents ? 'Node: transcode, an event a chunk' : 'Node: transcode', unit: 'event', ns, others }));
