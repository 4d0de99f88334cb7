// What it costs in Node to give objects, and to show the upstream's events to a function.
//
// Input: a stream of text deltas; `objects`: objects in and out, beside the same by way of JSON; `on_event`: what it adds to see every
// event of a type. Output: one row of the table as JSON. All sides must give the same before any is timed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ChatTranscoder, SseParser } from '../bindings-node/index.js';

const ROUNDS = 15;
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const [, , path, row] = process.argv;
const blocks = readFileSync(path).toString().split('\n\n').filter((block) => block !== '');
const chunks = blocks.map((block) => Buffer.from(`${block}\n\n`));
const events = blocks.map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 'data: '.length)));

/** CPU time of an event, in nanoseconds, all sides in turns. */
function race(...sides) {
  for (let nth = 0; nth < 8; nth++) sides.forEach((side) => side()); // the compiler's warm-up
  const rounds = Array.from({ length: ROUNDS }, () =>
    sides.map((side) => {
      const start = process.cpuUsage();
      side();
      const { user, system } = process.cpuUsage(start);
      return ((user + system) * 1000) / events.length;
    }),
  );
  return sides.map((_, at) => median(rounds.map((round) => round[at])));
}

function byObjects() {
  const transcoder = new ChatTranscoder({ objects: true });
  return events.flatMap((event) => transcoder.feedEvent(event));
}

/** What a host does whose transcoder takes and gives bytes. */
function byJson() {
  const transcoder = new ChatTranscoder();
  return events.flatMap((event) => {
    const frames = transcoder.feedEvent(JSON.stringify(event)).toString().split('\n\n').slice(0, -1);
    return frames.map((frame) => (frame === 'data: [DONE]' ? null : JSON.parse(frame.slice('data: '.length))));
  });
}

/** JSON alone, of what goes in and what comes out: the least that a border of texts costs. */
function jsonAlone() {
  let bytes = 0;
  for (const event of events) bytes += JSON.stringify(event).length;
  for (const text of texts) bytes += JSON.parse(text).length;
  return bytes;
}

function show(names) {
  let bytes = 0;
  const transcoder = new ChatTranscoder({ onEvent: [names, (name, data) => (bytes += data.length)] });
  for (const chunk of chunks) transcoder.feed(chunk);
  return bytes;
}

function parse() {
  const parser = new SseParser();
  let bytes = 0;
  for (const chunk of chunks) for (const { data } of parser.feed(chunk)) bytes += data.length;
  return bytes;
}

/** What telling costs at least: the data as a string, and the host's function. */
function tell() {
  let bytes = 0;
  const told = (name, data) => (bytes += data.length);
  for (const chunk of chunks) told('response.output_text.delta', chunk.latin1Slice(0, chunk.length));
  return bytes;
}

const other = (role, name, ns, mine, required) => ({ role, name, ns, ratio: ns / mine, required });
const print = (thing, ns, others) => console.log(JSON.stringify({ thing, unit: 'event', ns, others }));

const texts = byObjects().map((object) => JSON.stringify([object]));
if (row === 'objects') {
  assert.deepEqual(byObjects(), byJson());
  const [mine, json, alone] = race(byObjects, byJson, jsonAlone);
  print('Node: object to object', mine, [other('peer', 'JSON, both ways', json, mine, 1), other('limit', 'JSON alone, without a transcoder', alone, mine)]);
} else {
  const [none, named, parsed, called] = race(() => show([]), () => show(['response.output_text.delta']), parse, tell);
  const mine = named - none;
  const least = other('limit', 'a string and a call, in JavaScript', called, mine);
  print('Node: onEvent, named', mine, [other('peer', 'SseParser beside it', parsed, mine, 1), least]);
}
