// What the tests through the official client read: every chat fixture, and the recordings of SLUICEGATE_RECORDINGS.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import OpenAI from 'openai';
import { cases, json, lines } from './cases.mjs';
import { readJson, readSse } from './fold.mjs';

/** `{name, frames | body, options, skip, golden}` of each. `golden`: what the client ends with, where no fold reads the input. */
export function inputs() {
  const fixtures = cases('chat').map(({ name, file }) => ({
    name,
    body: file('input.sse'),
    frames: file('frames.jsonl') && lines(file('frames.jsonl')),
    options: json(file('options.json')) ?? {},
    skip: json(file('meta.json'))?.skip_client ?? false,
    golden: json(file('meta.json'))?.golden === undefined ? null : goldenOf(file),
  }));
  assert.ok(fixtures.some(({ skip }) => !skip), 'no case in fixtures/chat');
  const folder = process.env.SLUICEGATE_RECORDINGS;
  if (folder === undefined) return fixtures;
  const recordings = readdirSync(folder).filter((name) => name.endsWith('.sse'));
  assert.ok(recordings.length > 0, `no .sse file in ${folder}`);
  const read = (name) => ({ name, body: readFileSync(`${folder}/${name}`), frames: null, options: {}, skip: false, golden: null });
  return [...fixtures, ...recordings.map(read)];
}

function goldenOf(file) {
  const [completion, response, { error }] = ['completion.json', 'response.json', 'outcome.json'].map((name) => json(file(name)));
  return { completion, response, error };
}

/** The message and code of an error that has them. */
export function givenOf({ message, code }) {
  return { message, ...(code !== null && { code }) };
}

/** Its events, for the fold. A whole Response is what ends a stream. */
export function upstreamOf({ body, frames }) {
  if (body === null) return { events: readJson(frames), isDone: false };
  const [response] = readJson([body.toString()]);
  if (response?.object !== 'response') return readSse(body.toString());
  const status = response.status ?? (response.error ? 'failed' : 'completed');
  return { events: [{ type: `response.${status}`, response }], isDone: false };
}

/** The input as the client knows it: with its own names and ids. */
export function known({ body, frames, options }) {
  const { context = {}, fc_ids: hasPrefix = false } = options;
  const originals = Object.entries({ ...context.names, ...context.call_ids });
  const restore = (text) => {
    const restored = originals.reduce((got, [short, original]) => got.replaceAll(short, original), text);
    return hasPrefix ? restored.replaceAll(/("(?:item_)?id":\s*")call_/g, '$1fc_') : restored;
  };
  return { body: body && Buffer.from(restore(body.toString())), frames: frames?.map(restore) ?? null, options };
}

const ENDS = ['response.completed', 'response.done', 'response.incomplete', 'response.failed'];

/** Whether an event is a terminal one. */
export function isEnd({ type }) {
  return ENDS.includes(type);
}

/** The input with `output: []` in its terminal events; null where nothing was in there. */
export function emptied(input) {
  const isFull = (event) => isEnd(event) && event.response?.output?.length > 0;
  const withoutOutput = ({ response, ...event }) => ({ ...event, response: { ...response, output: [] } });
  const { events } = upstreamOf(input);
  if (!events.some(isFull)) return null;
  return only(input, events.map((event) => (isFull(event) ? withoutOutput(event) : event)));
}

/** The input up to where it ended, well or badly. */
export function cut(input) {
  const { events } = upstreamOf(input);
  const end = events.findIndex((event) => event.type === 'error' || isEnd(event));
  return only(input, end === -1 ? events : events.slice(0, end));
}

/** The input, but these events. */
export function only({ options }, events) {
  const body = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  return { body, frames: null, options };
}

/** What a consumer makes of an input, one piece per upstream frame or some bytes. */
export function* give(consumer, { body, frames }) {
  for (const frame of frames ?? []) yield consumer.feedEvent(frame);
  for (let at = 0; body !== null && at < body.length; at += 1021) yield consumer.feed(body.subarray(at, at + 1021));
  yield consumer.finish();
}

/** A client whose server answers every request with these bytes. */
export function clientOf(pieces, type = 'text/event-stream') {
  const body = () => ReadableStream.from(pieces.filter((piece) => piece?.length > 0));
  const fetch = async () => new Response(body(), { headers: { 'content-type': type } });
  return new OpenAI({ apiKey: 'none', baseURL: 'http://localhost/v1', maxRetries: 0, fetch });
}
