// The official client reads what the transcoder writes, and ends with what the upstream said (fold.mjs).
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import OpenAI from 'openai';
import { ChatTranscoder } from 'sluicegate';
import { cases, json, lines } from './cases.mjs';
import { fold, readJson, readSse } from './fold.mjs';

/** `{name, frames | body, options, skip}` of every fixture, and of the recordings of SLUICEGATE_RECORDINGS. */
function inputs() {
  const fixtures = cases('chat').map(({ name, file }) => ({
    name,
    body: file('input.sse'),
    frames: file('frames.jsonl') && lines(file('frames.jsonl')),
    options: json(file('options.json')) ?? {},
    skip: json(file('meta.json'))?.skip_client ?? false,
  }));
  const folder = process.env.SLUICEGATE_RECORDINGS;
  if (folder === undefined) return fixtures;
  const recordings = readdirSync(folder).filter((name) => name.endsWith('.sse'));
  assert.ok(recordings.length > 0, `no .sse file in ${folder}`);
  const read = (name) => ({ name, body: readFileSync(`${folder}/${name}`), frames: null, options: {}, skip: false });
  return [...fixtures, ...recordings.map(read)];
}

/** The transcoded stream, one piece per upstream frame or some bytes. */
function transcode({ body, frames, options }) {
  const transcoder = new ChatTranscoder({ ...options, include_usage: true });
  const out = frames?.map((frame) => transcoder.feedEvent(frame)) ?? [];
  for (let at = 0; body !== null && at < body.length; at += 1021) {
    out.push(transcoder.feed(body.subarray(at, at + 1021)));
  }
  out.push(transcoder.finish());
  return out.filter((piece) => piece.length > 0);
}

/** A client whose server answers every request with these bytes. */
function clientOf(pieces) {
  const fetch = async () =>
    new Response(ReadableStream.from(pieces), { headers: { 'content-type': 'text/event-stream' } });
  return new OpenAI({ apiKey: 'none', baseURL: 'http://localhost/v1', maxRetries: 0, fetch });
}

const REQUEST = { model: 'any', messages: [{ role: 'user', content: 'hi' }] };

/** The chunks, folded by hand. */
async function iterate(client) {
  const said = { text: '', refusal: '', calls: [], finish: null, usage: null };
  for await (const chunk of await client.chat.completions.create({ ...REQUEST, stream: true })) {
    said.usage = chunk.usage ?? said.usage;
    for (const { delta, finish_reason } of chunk.choices) {
      said.text += delta.content ?? '';
      said.refusal += delta.refusal ?? '';
      said.finish = finish_reason ?? said.finish;
      for (const call of delta.tool_calls ?? []) {
        said.calls[call.index] ??= { id: call.id, name: call.function.name, arguments: '' };
        said.calls[call.index].arguments += call.function.arguments;
      }
    }
  }
  return said;
}

/** The helper's final snapshot. */
async function snapshot(client) {
  const { choices, usage } = await client.chat.completions.stream(REQUEST).finalChatCompletion();
  assert.equal(choices.length, 1);
  const [{ message, finish_reason }] = choices;
  return {
    text: message.content ?? '',
    refusal: message.refusal ?? '',
    calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, ...call.function })),
    finish: finish_reason,
    usage: usage ?? null,
  };
}

const all = inputs();

test('there are inputs', () => assert.ok(all.some(({ skip }) => !skip), 'no case in fixtures/chat'));

for (const input of all) {
  test(`openai reads ${input.name}`, { skip: input.skip }, async () => {
    const upstream = input.body === null ? { events: readJson(input.frames) } : readSse(input.body.toString());
    const expected = fold(upstream, input.options);
    const pieces = transcode(input);
    for (const read of [iterate, snapshot]) {
      if (expected.error === undefined) {
        const said = await read(clientOf(pieces));
        // How a JSON string is escaped is free: a custom call is compared by its text.
        said.calls = said.calls.map(({ id, name, arguments: args }, at) =>
          'input' in (expected.calls[at] ?? {}) ? { id, name, ...JSON.parse(args) } : { id, name, arguments: args },
        );
        assert.deepEqual(said, expected, read.name);
        continue;
      }
      await assert.rejects(read(clientOf(pieces)), (raised) => {
        assert.ok(raised instanceof OpenAI.APIError, `${raised}`);
        const { message = raised.message, code = raised.code } = expected.error;
        assert.deepEqual({ message: raised.message, code: raised.code }, { message, code }, read.name);
        return true;
      });
    }
  });
}
