// Every fixture, whole and cut: the same bytes, errors and outcome as in the other languages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ChatTranscoder, Collector, ResponseCollector, ResponsesRelay, SluicegateError, SseParser, Transcoder, lint,
} from 'sluicegate';
import { cases, collectGarbage, cuttings, json, lines } from './cases.mjs';

const sse = cases('sse');
const chat = cases('chat');
/** For clients of Responses, by what the upstream speaks. */
const respond = ['respond', 'relay'].flatMap((kind) =>
  cases(kind).map((each) => ({ ...each, kind, upstream: kind === 'respond' ? 'chat' : 'responses' })),
);
const linted = cases('lint');
const messages = cases('messages');
const messagesUpstream = cases('messages_upstream');
const chatRelay = cases('chat_relay');
const documents = cases('document');
const known = cases('known');

test('there are fixtures', () => {
  assert.ok(sse.length > 0, 'no case in fixtures/sse');
  assert.ok(chat.length > 0, 'no case in fixtures/chat');
  assert.ok(respond.length > 0, 'no case in fixtures/respond');
  assert.ok(linted.length > 0, 'no case in fixtures/lint');
  assert.ok(messages.length > 0, 'no case in fixtures/messages');
  assert.ok(messagesUpstream.length > 0, 'no case in fixtures/messages_upstream');
  assert.ok(chatRelay.length > 0, 'no case in fixtures/chat_relay');
  assert.ok(documents.length > 0, 'no case in fixtures/document');
  assert.ok(known.length > 0, 'no case in fixtures/known');
});

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

for (const { name, file } of sse) {
  test(`sse/${name}`, () => {
    const expected = lines(file('events.jsonl'));
    const state = json(file('state.json'));
    const options = json(file('options.json')) ?? undefined;
    let cuts = 0;
    for (const chunks of cuttings(file('input.sse'))) {
      const got = parse(chunks, options);
      const where = `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`;
      assert.deepEqual(got.events, expected.filter((line) => !line.startsWith('{"error"')), where);
      assert.deepEqual(got.errors, expected.filter((line) => line.startsWith('{"error"')), where);
      // Both sides as numbers: one case holds a retry beyond 2^53.
      if (state !== null) assert.deepEqual(got.state, state, where);
      assert.ok(got.isLinear, where);
      cuts += 1;
    }
    assert.ok(cuts >= 2);
  });
}

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

function latin1(buffer) {
  return buffer.toString('latin1');
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

for (const { name, file } of chat) {
  test(`chat/${name}`, async () => {
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
      const where = `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`;
      cuts += 1;
      if (cuts % 64 === 0) await collectGarbage();
      assert.deepEqual(consume(options, chunks, give), { ...expected, outcomes }, where);
    }
  });
}

/** What the transcoder makes of chunks cut so. */
function responded(upstream, options, chunks) {
  const transcoder = new Transcoder({ client: 'responses', upstream, ...options });
  const out = [...chunks.map((chunk) => transcoder.feed(chunk)), transcoder.finish()];
  return {
    'output.sse': latin1(Buffer.concat(out)),
    'outcome.json': `${transcoder.outcomeJson}\n`,
    'response.json': `${latin1(transcoder.response())}\n`,
  };
}

for (const { name, file, kind, upstream } of respond) {
  test(`${kind}/${name}`, async () => {
    const names = ['output.sse', 'outcome.json', 'response.json'];
    const expected = Object.fromEntries(names.map((name) => [name, latin1(file(name))]));
    expected['outcome.json'] = file('outcome.json').toString();
    const options = json(file('options.json')) ?? undefined;
    let cuts = 0;
    for (const chunks of cuttings(file('input.sse'))) {
      const where = `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`;
      cuts += 1;
      if (cuts % 64 === 0) await collectGarbage();
      assert.deepEqual(responded(upstream, options, chunks), expected, where);
    }
    assert.ok(cuts >= 2);
  });
}

const snapshots = [
  ...[...chat, ...cases('relay')].map((each) => ({ ...each, upstream: 'responses' })),
  ...cases('respond').map((each) => ({ ...each, upstream: 'chat' })),
  ...messagesUpstream.map((each) => ({ ...each, upstream: 'messages' })),
].filter(({ file }) => file('input.sse') !== null);

const bodies = (collector) =>
  [collector.finalResponse(), collector.finalCompletion(), collector.finalMessage(), collector.outcomeJson].map(String);

for (const { name, file, upstream } of snapshots) {
  test(`snapshots of ${upstream}/${name}`, async () => {
    const given = json(file('options.json')) ?? {};
    const options = { ...(given.options ?? given), upstream };
    const input = file('input.sse');
    const step = Math.max(1, input.length >> 3);
    const goingOn = new Collector(options);
    for (let at = 0; at < input.length; at += step) {
      goingOn.feed(input.subarray(at, at + step));
      const ended = new Collector(options);
      ended.feed(input.subarray(0, at + step));
      ended.finish();
      assert.deepEqual(bodies(goingOn.snapshot()), bodies(ended));
      assert.equal(goingOn.finalResponse(), null);
    }
    const before = bodies(goingOn.snapshot());
    goingOn.finish();
    assert.deepEqual([bodies(goingOn), bodies(goingOn.snapshot())], [before, before]);
    await collectGarbage();
  });
}

for (const { name, file } of linted) {
  test(`lint/${name}`, () => {
    const findings = lint(file('input.sse'), json(file('options.json')).profile);
    assert.equal(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''), file('findings.jsonl').toString());
  });
}

/** What a client is sent, and the outcome. */
function streamed(options, client, upstream, chunks) {
  const transcoder = new Transcoder({ ...options, client, upstream });
  const out = chunks.map((chunk) => transcoder.feed(chunk));
  const stream = latin1(Buffer.concat([...out, transcoder.finish()]));
  return { stream, outcome: `${transcoder.outcomeJson}\n` };
}

function collected(options, upstream, input) {
  const collector = new Collector({ ...options, upstream });
  collector.feed(input);
  collector.finish();
  return collector;
}

for (const { name, file } of messages) {
  test(`messages/${name}`, async () => {
    const { upstream = 'responses', options = {} } = json(file('options.json')) ?? {};
    const input = file('input.sse');
    const expected = { stream: latin1(file('output.sse')), outcome: file('outcome.json').toString() };
    for (const chunks of cuttings(input)) {
      assert.deepEqual(streamed(options, 'messages', upstream, chunks), expected);
    }
    const message = collected(options, upstream, input).finalMessage();
    assert.equal(`${message}\n`, file('message.json').toString());
    await collectGarbage();
  });
}

for (const { name, file } of messagesUpstream) {
  test(`messages_upstream/${name}`, async () => {
    const { options = {} } = json(file('options.json')) ?? {};
    const input = file('input.sse');
    const golden = { chat: 'chat.sse', responses: 'responses.sse', messages: 'relayed.sse' };
    for (const chunks of cuttings(input)) {
      for (const [client, own] of Object.entries(golden)) {
        const { stream, outcome } = streamed(options, client, 'messages', chunks);
        assert.equal(stream, latin1(file(own) ?? input), client);
        if (client === 'chat') assert.equal(outcome, file('outcome.json').toString());
      }
    }
    const collector = collected(options, 'messages', input);
    assert.equal(`${collector.finalMessage()}\n`, file('message.json').toString());
    assert.equal(`${collector.finalResponse()}\n`, file('response.json').toString());
    assert.equal(`${collector.finalCompletion()}\n`, file('completion.json').toString());
    await collectGarbage();
  });
}

for (const { name, file } of chatRelay) {
  test(`chat_relay/${name}`, async () => {
    const { options = {} } = json(file('options.json')) ?? {};
    const input = file('input.sse');
    const expected = { stream: latin1(file('output.sse') ?? input), outcome: file('outcome.json').toString() };
    for (const chunks of cuttings(input)) assert.deepEqual(streamed(options, 'chat', 'chat', chunks), expected);
    await collectGarbage();
  });
}

for (const { name, file } of documents) {
  test(`document/${name}`, () => {
    const { upstream = 'responses', status, options = {} } = json(file('options.json')) ?? {};
    const body = file('body');
    for (const client of ['chat', 'responses', 'messages']) {
      const transcoder = new Transcoder({ ...options, client, upstream });
      const out = [transcoder.feedDocument(body, { status }), transcoder.finish()];
      assert.equal(latin1(Buffer.concat(out)), latin1(file(`${client}.sse`)), client);
    }
    const names = ['outcome.json', 'response.json', 'completion.json', 'message.json'];
    const expected = names.map((name) => file(name).toString().replace(/\n$/, ''));
    const read = (form) => {
      const collector = new Collector({ ...options, upstream });
      assert.equal(collector.feedDocument(form, { status }), undefined);
      collector.finish();
      const bodies = [collector.finalResponse(), collector.finalCompletion(), collector.finalMessage()];
      return [collector.outcomeJson, ...bodies.map(String)];
    };
    for (const form of [body, Uint8Array.from(body), body.toString()]) assert.deepEqual(read(form), expected);
    const object = parsed(body);
    if (object !== null) assert.deepEqual(read(object).map((text) => JSON.parse(text)), expected.map((text) => JSON.parse(text)));
  });
}

/** The object of a body, or null. */
function parsed(body) {
  try {
    const value = JSON.parse(body.toString());
    return Array.isArray(value) ? null : value;
  } catch {
    return null;
  }
}

for (const { name, file } of known) {
  test(`known/${name}`, () => {
    const { client = 'chat', upstream = 'responses', options = {} } = json(file('options.json')) ?? {};
    const transcoder = new Transcoder({ ...options, client, upstream });
    const collector = new Collector({ ...options, upstream });
    const told = ({ responseId, usage, failure }) => ({ response_id: responseId, usage, failure });
    const seen = [told(transcoder)];
    for (const frame of lines(file('frames.jsonl'))) {
      transcoder.feedEvent(frame);
      collector.feedEvent(frame);
      seen.push(told(transcoder));
      assert.deepEqual(collector.usage, transcoder.usage);
    }
    transcoder.finish();
    collector.finish();
    assert.deepEqual([...seen, told(transcoder)], lines(file('known.jsonl')).map((line) => JSON.parse(line)));
    for (const ended of [transcoder, collector]) {
      const { response_id, usage, failure } = ended.outcome;
      assert.deepEqual(told(ended), { response_id, usage, failure });
    }
  });
}
