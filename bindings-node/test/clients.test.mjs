// The official client reads the chat stream of the transcoder and the completion of the collector, and ends with what
// the upstream sent (fold.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { ChatTranscoder, ResponseCollector } from 'sluicegate';
import { fold } from './fold.mjs';
import { clientOf, give, givenOf, inputs, upstreamOf } from './inputs.mjs';

const REQUEST = { model: 'any', messages: [{ role: 'user', content: 'hi' }] };

/** The chunks, folded by hand. */
async function iterate(client) {
  const got = { text: '', refusal: '', calls: [], finish: null, usage: null };
  for await (const chunk of await client.chat.completions.create({ ...REQUEST, stream: true })) {
    got.usage = chunk.usage ?? got.usage;
    for (const { delta, finish_reason } of chunk.choices) {
      got.text += delta.content ?? '';
      got.refusal += delta.refusal ?? '';
      got.finish = finish_reason ?? got.finish;
      for (const call of delta.tool_calls ?? []) {
        const { name, ...given } = call.function ?? call.custom;
        const [[member, piece]] = Object.entries(given);
        got.calls[call.index] ??= { id: call.id, name, [member]: '' };
        got.calls[call.index][member] += piece;
      }
    }
  }
  return got;
}

/** The helper's final snapshot. */
async function snapshot(client) {
  return saidBy(await client.chat.completions.stream(REQUEST).finalChatCompletion());
}

/** One JSON object, for a request without `stream`. */
async function whole(client) {
  return saidBy(await client.chat.completions.create(REQUEST));
}

function saidBy({ choices, usage }) {
  assert.equal(choices.length, 1);
  const [{ message, finish_reason }] = choices;
  return {
    text: message.content ?? '',
    refusal: message.refusal ?? '',
    calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, ...(call.function ?? call.custom) })),
    finish: finish_reason,
    usage: usage ?? null,
  };
}

/** How a JSON string is escaped is free: a custom call that is shown as a function is compared by its text. */
function assertReads(got, expected, reader) {
  const calls = got.calls.map(({ arguments: args, ...call }, at) => {
    if (args === undefined) return call;
    return { ...call, ...('input' in (expected.calls[at] ?? {}) ? JSON.parse(args) : { arguments: args }) };
  });
  assert.deepEqual({ ...got, calls }, expected, reader);
}

/** Without calls of custom tools that are not the client's. */
function shown(folded, { context }) {
  const own = context?.custom_tools ?? [];
  const isShown = (call) => own.length === 0 || !('input' in call) || own.includes(call.name);
  return { ...folded, ...(folded.calls && { calls: folded.calls.filter(isShown) }) };
}

function expectedOf(input) {
  if (input.golden === null) return shown(fold(upstreamOf(input), input.options), input.options);
  const { completion } = input.golden;
  return completion.error ? { error: givenOf(completion.error) } : saidBy(completion);
}

for (const input of inputs()) {
  test(`openai reads ${input.name}`, { skip: input.skip }, async () => {
    const expected = expectedOf(input);
    const pieces = [...give(new ChatTranscoder({ ...input.options, include_usage: true }), input)];
    const collector = new ResponseCollector(input.options);
    for (const _ of give(collector, input));
    if (expected.error === undefined) {
      // The helper knows no custom calls in streams, not even those of the API.
      const readers = input.options.context?.custom_tools ? [iterate] : [iterate, snapshot];
      for (const read of readers) assertReads(await read(clientOf(pieces)), expected, read.name);
      const completion = clientOf([collector.chatCompletion()], 'application/json');
      assertReads(await whole(completion), expected, 'whole');
      return;
    }
    for (const read of [iterate, snapshot]) {
      await assert.rejects(read(clientOf(pieces)), (raised) => {
        assert.ok(raised instanceof OpenAI.APIError, `${raised}`);
        const { message = raised.message, code = raised.code } = expected.error;
        assert.deepEqual({ message: raised.message, code: raised.code }, { message, code }, read.name);
        return true;
      });
    }
  });
}
