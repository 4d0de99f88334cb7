// fixtures/chat: a Responses stream for a chat client, relayed, and collected.
import assert from 'node:assert/strict';
import { ChatTranscoder, ResponseCollector, ResponsesRelay } from 'sluicegate';
import { collectGarbage, cuttings, json, latin1, lines, replays, whereOf } from '../cases.mjs';

/** What the consumers of a Responses stream make of pieces given so. Latin-1, so that every byte is compared. */
function consume(options, pieces, give) {
  const chat = new ChatTranscoder(options);
  const relay = new ResponsesRelay(options);
  const collector = new ResponseCollector(options);
  const stream = (consumer) => {
    const out = pieces.map((piece) => give(consumer, piece));
    return latin1(Buffer.concat([...out, consumer.finish()]));
  };
  for (const piece of pieces) assert.equal(give(collector, piece), undefined);
  return {
    output: stream(chat),
    relayed: stream(relay),
    response: latin1(collector.finish()),
    completion: latin1(collector.chatCompletion()),
    outcomes: [chat, relay, collector].map(({ outcomeJson }) => outcomeJson),
  };
}

/** The golden files of a case; `relayed.sse` is there only where it differs from what came in. */
function golden(file) {
  const document = (name) => latin1(file(name)).replace(/\n$/, '');
  return {
    output: latin1(file('output.sse')),
    relayed: latin1(file('relayed.sse') ?? file('input.sse')),
    response: document('response.json'),
    completion: document('completion.json'),
  };
}

const LOST_IN_CHAT = ['usage_missing', 'usage_dropped', 'reasoning_dropped', 'image_dropped'];
const AMENDED = ['parallel_opened', 'stop_applied']; // a relay amends nothing

/** The outcomes are one, but for what chat cannot say, and that the chat stream has no final Response to put together. */
function assertOutcomes([chat, relay, collector], file) {
  assert.equal(`${chat}\n`, file('outcome.json').toString());
  const [ours, relays, collectors] = [chat, relay, collector].map((outcome) => JSON.parse(outcome));
  // What chat shows by the option `hosted_calls` is still no chat to a relay, which has no such option.
  if (json(file('options.json'))?.hosted_calls) relays.notes = relays.notes.filter(({ code }) => code !== 'hosted_call');
  const passedOn = new Set(relays.notes.map((note) => JSON.stringify(note)));
  const [notes, ofChat] = [true, false].map((is) => collectors.notes.filter((note) => passedOn.has(JSON.stringify(note)) === is));
  // What comes after a stop sequence is passed on.
  if (ofChat.some(({ code }) => code === 'stop_applied')) relays.finish_reason = collectors.finish_reason;
  // Of the relay the outcome is that of the last response, not of those that were steered before it.
  if (relays.response_id === ours.response_id) {
    assert.ok(ofChat.every(({ code }) => [...LOST_IN_CHAT, ...AMENDED].includes(code)));
    assert.deepEqual(relays, { ...collectors, notes });
  }
  const { reconstructed } = collectors;
  assert.deepEqual(collectors, { ...ours, reconstructed });
}

export const chat = replays('chat', async (file) => {
  const expected = golden(file);
  const options = json(file('options.json')) ?? undefined;
  const input = file('input.sse');
  const pieces = input === null ? lines(file('frames.jsonl')) : [input];
  const give = (consumer, piece) => (input === null ? consumer.feedEvent(piece) : consumer.feed(piece));
  const { outcomes, ...whole } = consume(options, pieces, give);
  assert.deepEqual(whole, expected);
  assertOutcomes(outcomes, file);
  const others = input === null ? [pieces.map((frame) => Buffer.from(frame))] : cuttings(input);
  let cuts = 0;
  for (const chunks of others) {
    cuts += 1;
    if (cuts % 64 === 0) await collectGarbage();
    assert.deepEqual(consume(options, chunks, give), { ...expected, outcomes }, whereOf(chunks));
  }
});
