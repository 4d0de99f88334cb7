// Frames, objects and events: the same as the bytes have, for every fixture at any cut; what a host's function throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ChatTranscoder, ChatTranscoderStream, Collector, ResponsesRelay, SluicegateError, SseParser, Tee, Transcoder, chatSse, collect,
  transcode,
} from 'sluicegate';
import { cases, collectGarbage, cuttings, json, lines } from './cases.mjs';

const upstreams = { chat: 'responses', relay: 'responses', messages: 'responses', respond: 'chat', messages_upstream: 'messages' };
const all = Object.entries(upstreams)
  .flatMap(([kind, upstream]) => cases(kind).map((each) => ({ ...each, kind, upstream })))
  .filter(({ file }) => file('input.sse') !== null);
const NAMES = ['message', 'error', 'ping', 'response.created', 'response.output_text.delta', 'content_block_delta'];
const DELTA = '{"type":"response.output_text.delta","delta":"Hi"}';
const STREAM = [
  'data: {"type":"response.created","response":{"id":"resp_1"}}\n\n',
  `data: ${DELTA}\n\n`,
  'data: {"type":"response.completed","response":{"status":"completed"}}\n\n',
].map((block) => Buffer.from(block));

const joined = (given) => (Array.isArray(given[0]) ? given.flat() : Buffer.concat(given).toString('latin1'));

/** What all calls gave, put together; null where the pair has not all of the options. */
function run(roles, chunks, options = {}) {
  let transcoder;
  try {
    transcoder = new Transcoder({ ...options, ...roles });
  } catch {
    return null;
  }
  return joined([...chunks.map((chunk) => transcoder.feed(chunk)), transcoder.finish()]);
}

function valueOf(data) {
  try {
    return data === '[DONE]' ? null : JSON.parse(data);
  } catch {
    return data;
  }
}

/** What a client reads. */
function objectsOf(stream) {
  const bytes = Buffer.from(stream, 'latin1');
  if (bytes[0] === 0x7b) return lines(bytes).map((line) => JSON.parse(line));
  const parser = new SseParser({ dispatchTail: true });
  return [...parser.feed(bytes), ...parser.finish()].map(({ data }) => valueOf(data));
}

for (const { name, file, kind, upstream: usual } of all) {
  test(`${kind}/${name}: frames, objects and events`, async () => {
    const given = json(file('options.json')) ?? {};
    const upstream = given.upstream ?? usual;
    const options = given.options ?? (given.upstream === undefined ? given : {});
    const input = file('input.sse');
    for (const client of ['chat', 'responses', 'messages']) {
      const roles = { client, upstream };
      const whole = run(roles, [input], options);
      if (whole === null) continue;
      const told = [];
      run(roles, [input], { ...options, onEvent: [NAMES, (...event) => told.push(event)] });
      let [expected, nth] = [null, 0];
      for (const chunks of cuttings(input)) {
        if (nth++ > 1 && nth % 40 > 0) continue;
        const frames = run(roles, chunks, { ...options, frames: true }).map((frame) => frame.toString('latin1'));
        expected ??= frames;
        assert.equal(frames.join(''), whole);
        assert.deepEqual(frames, expected);
        assert.deepEqual(run(roles, chunks, { ...options, objects: true }), objectsOf(whole));
        const again = [];
        run(roles, chunks, { ...options, onEvent: [NAMES, (...event) => again.push(event)] });
        assert.deepEqual(again, told);
      }
    }
    await collectGarbage();
  });
}

for (const { name, file } of cases('chat').filter(({ file }) => file('frames.jsonl') !== null)) {
  test(`chat/${name}: events as objects`, () => {
    const options = json(file('options.json')) ?? {};
    const [byText, byObject] = [new ChatTranscoder(options), new ChatTranscoder(options)];
    for (const line of lines(file('frames.jsonl'))) {
      const event = valueOf(line);
      if (event?.constructor !== Object) continue;
      assert.deepEqual(objectsOf(byObject.feedEvent(event).toString('latin1')), objectsOf(byText.feedEvent(line).toString('latin1')));
    }
  });
}

function failing(calls = []) {
  return (name, data) => {
    calls.push([name, data]);
    throw new Error(name);
  };
}

test('what a function throws costs no bytes', () => {
  const roles = { client: 'chat', upstream: 'responses' };
  for (const host of [{}, { frames: true }, { objects: true }]) {
    const onEvent = [new Set(['response.output_text.delta', 'response.completed']), failing()];
    const transcoder = new Transcoder({ ...roles, ...host, onEvent });
    assert.equal(transcoder.feed(STREAM[0]).length, 0);
    assert.throws(() => transcoder.feed(STREAM[1]), /^Error: response.output_text.delta$/);
    assert.throws(() => transcoder.feed(STREAM[2]), /^Error: response.completed$/);
    assert.deepEqual(joined([transcoder.finish()]), run(roles, STREAM, host));
    assert.throws(() => transcoder.finish(), SluicegateError);
  }
});

test('what comes at the end is told too', () => {
  const transcoder = new ChatTranscoder({ on_event: [['response.output_text.delta'], failing()] });
  transcoder.feed(STREAM[1].subarray(0, -2));
  assert.throws(() => transcoder.finish(), /delta/);
  assert.match(String(transcoder.finish()), /Hi[^]*\[DONE\]/);
});

test('large and empty outputs come with their events', () => {
  const told = [];
  const transcoder = new ChatTranscoder({ onEvent: [['response.created', 'response.output_text.delta'], (...event) => told.push(event)] });
  assert.equal(transcoder.feed(STREAM[0]).length, 0);
  const text = 'é'.repeat(100_000);
  assert.ok(transcoder.feedEvent({ type: 'response.output_text.delta', delta: text }).length > text.length);
  assert.deepEqual(told.map(([name, data]) => [name, JSON.parse(data).delta ?? null]), [['response.created', null], ['response.output_text.delta', text]]);
});

test('the function may use the object, and others', () => {
  const seen = [];
  const other = new ChatTranscoder();
  const transcoder = new ChatTranscoder({
    onEvent: [['response.completed'], () => seen.push(transcoder.outcome.status, other.feed(STREAM[1]).length > 0)],
  });
  for (const chunk of STREAM) transcoder.feed(chunk);
  assert.deepEqual(seen, ['completed', true]);
});

test('all are told before the first exception is thrown', () => {
  const calls = [];
  const collector = new Collector({ upstream: 'responses', onEvent: [['response.created', 'response.completed'], failing(calls)] });
  assert.throws(() => collector.feed(Buffer.concat(STREAM)), /response.created/);
  assert.deepEqual(calls.map(([name]) => name), ['response.created', 'response.completed']);
  collector.finish();
  assert.equal(collector.outcome.status, 'completed');
  assert.throws(() => new Collector({ upstream: 'chat', frames: true }), { code: 'invalid_option' });
});

async function* source() {
  yield* STREAM;
}

test('streams go on, and throw at their end', async () => {
  const [given, calls] = [[], []];
  const read = async () => {
    for await (const chunk of chatSse(source(), { onEvent: [['response.created', 'response.output_text.delta'], failing(calls)] })) given.push(chunk);
  };
  await assert.rejects(read, /response.created/);
  const roles = { client: 'chat', upstream: 'responses' };
  assert.equal(joined(given), run(roles, STREAM));
  assert.equal(calls.length, 2);
  const lists = [];
  for await (const list of transcode(source(), { ...roles, objects: true })) lists.push(...list);
  assert.equal(lists.at(-1), null);
  const piped = [];
  const through = ReadableStream.from(source()).pipeThrough(new ChatTranscoderStream({ frames: true }));
  for await (const list of through) piped.push(...list);
  assert.deepEqual(piped, run(roles, STREAM, { frames: true }));
  const { error } = await collect(source(), { onEvent: [['response.created'], (name) => calls.push([name])] });
  assert.equal(error, null);
  assert.equal(calls.length, 3);
});

test('a tee gives what each gives', async () => {
  const collected = await collect(source());
  for (const host of [{}, { frames: true }, { objects: true }]) {
    const calls = [];
    const tee = new Tee({ chat: true, relay: true, collect: true, onEvent: [['response.created'], failing(calls)], ...host });
    assert.throws(() => tee.feed(STREAM[0]), /created/);
    const outputs = [tee.feed(STREAM[1]), tee.feed(STREAM[2]), tee.finish()];
    for (const [client, member] of [['chat', 'chat'], ['responses', 'responses']]) {
      assert.deepEqual(joined(outputs.map((output) => output[member])), run({ client, upstream: 'responses' }, STREAM, host));
    }
    assert.deepEqual([tee.finalResponse(), tee.finalCompletion()], [collected.response, collected.completion]);
    assert.deepEqual(tee.outcome, collected.outcome);
    assert.equal(calls.length, 1);
  }
  assert.equal(new Tee({ chat: true }).feedEvent(JSON.parse(DELTA)).responses.length, 0);
  assert.throws(() => new Tee({ nonsense: 1 }), { code: 'invalid_option', path: 'nonsense' });
});

test('wrong pairs and flags are TypeErrors', () => {
  const wrong = [1, 'a', ['a', () => {}], [['a'], 1], [[1], () => {}], [['a']], [['a'], () => {}, 1], [{}, () => {}]];
  for (const onEvent of wrong) for (const Class of [ChatTranscoder, ResponsesRelay, Tee]) assert.throws(() => new Class({ onEvent }), TypeError);
  for (const Class of [ChatTranscoder, ResponsesRelay, Tee]) assert.throws(() => new Class({ frames: 1 }), TypeError);
  new ChatTranscoder({ onEvent: [[], () => {}], frames: null, objects: undefined }).feed(STREAM[0]);
});

test('an object is what JSON.parse gives', () => {
  for (const data of ['{"a":1e5,"b":-0,"c":"\\ud83d\\ude00","\\ud800":"\\udc00","d":[[],{}]}', '[1]', '7', '"x"']) {
    assert.deepEqual(new ResponsesRelay({ objects: true }).feed(Buffer.from(`data: ${data}\n\n`)), [JSON.parse(data)]);
  }
  const relay = new ResponsesRelay({ objects: true });
  assert.deepEqual(relay.feed(Buffer.from('data: {} {}\n\ndata: [DONE]\n\n: c\n\ndata: 1,2\n\n')), ['{} {}', '1,2']);
});
