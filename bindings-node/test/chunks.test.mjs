// What a stream may come as: bytes, text, events as objects; `[DONE]` as an event.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Collector,
  ImageExtractor,
  Page,
  SseParser,
  Tee,
  Transcoder,
  TranscoderStream,
  collect,
  images,
  imagesApi,
  isSse,
  lint,
  transcode,
} from 'sluicegate';

const DIALECTS = ['chat', 'responses', 'messages'];
const CHUNK = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
const EVENTS = {
  chat: [
    { ...CHUNK, choices: [{ index: 0, delta: { content: 'Hé' }, finish_reason: null }] },
    { ...CHUNK, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ],
  responses: [
    { type: 'response.output_text.delta', delta: 'Hé' },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed', model: 'm' } },
  ],
  messages: [
    { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ],
};
const CONSUMERS = {
  transcoder: () => new Transcoder({ client: 'chat', upstream: 'responses' }),
  collector: () => new Collector({ upstream: 'chat' }),
  tee: () => new Tee(),
  images: () => new ImageExtractor(() => {}),
};

const sse = (event) => `event: ${event.type ?? 'message'}\ndata: ${JSON.stringify(event)}\n\n`;
const isEvent = (chunk) => typeof chunk === 'object' && !ArrayBuffer.isView(chunk);
const nullless = (event) => Object.assign(Object.create(null), event);

/** A stream, in everything that it may be. */
function forms(upstream) {
  const events = EVENTS[upstream];
  const text = events.map(sse).join('');
  const body = Buffer.from(text);
  return {
    text: [text],
    'pieces of text': [...text],
    blocks: events.map(sse),
    'bytes and text': [body.subarray(0, 90), body.subarray(90).toString()],
    events,
    'objects without a prototype': events.map(nullless),
    'text, then events': [sse(events[0]), ...events.slice(1)],
  };
}

async function* asynchronous(chunks) {
  yield* chunks;
}

async function gathered(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

for (const upstream of DIALECTS) {
  test(`a source of ${upstream} may be of bytes, text and events`, async () => {
    const roles = { client: upstream === 'responses' ? 'chat' : 'responses', upstream };
    const whole = Buffer.from(EVENTS[upstream].map(sse).join(''));
    const expected = await gathered(transcode(asynchronous([whole]), roles));
    assert.match(expected, /Hé/);
    for (const [form, chunks] of Object.entries(forms(upstream))) {
      assert.equal(await gathered(transcode(asynchronous(chunks), roles)), expected, form);
      assert.equal(await gathered(transcode(ReadableStream.from(chunks), roles)), expected, form);
      assert.equal(await gathered(ReadableStream.from(chunks).pipeThrough(new TranscoderStream(roles))), expected, form);
      const { completion, outcome } = await collect(asynchronous(chunks), { upstream });
      assert.equal(outcome.status, 'completed', form);
      assert.equal(JSON.parse(completion).choices[0].message.content, 'Hé', form);
      const fed = new Transcoder(roles);
      const out = chunks.map((chunk) => (isEvent(chunk) ? fed.feedEvent(chunk) : fed.feed(chunk)));
      assert.equal(Buffer.concat([...out, fed.finish()]).toString(), expected, form);
    }
  });
}

test('images too', async () => {
  const item = { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'R0lGODlh' };
  const events = [
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed' } },
  ];
  for (const chunks of [events, events.map(sse)]) {
    const { outcome, error } = await images(asynchronous(chunks), () => {});
    assert.deepEqual([error, outcome.images.map(({ mime }) => mime)], [null, ['image/gif']]);
  }
  assert.equal(Buffer.from(imagesApi({})).toString(), '{"created":0,"data":[]}');
});

test('functions of a stream take text', () => {
  const text = EVENTS.responses.map(sse).join('');
  assert.deepEqual(lint(text), lint(Buffer.from(text)));
  assert.equal(isSse(text), true);
  assert.deepEqual(new SseParser().feed(text), new SseParser().feed(Buffer.from(text)));
  const page = new Page();
  page.feed('<html>é');
  assert.deepEqual([page.kind, Buffer.from(page.bytes()).toString()], ['page', '<html>é']);
});

for (const [name, make] of Object.entries(CONSUMERS)) {
  test(`an event in the place of a chunk: ${name}`, () => {
    const chunk = 'a chunk must be a Uint8Array or a string';
    assert.throws(() => make().feed({}), { name: 'TypeError', message: `${chunk}: feedEvent takes events` });
    assert.throws(() => make().feed(7), { name: 'TypeError', message: chunk });
    for (const wrong of [null, 7, [], new Map(), Promise.resolve(), new Date(), new (class Chunk {})()]) {
      const message = 'an event must be a string, a Uint8Array or a plain object';
      assert.throws(() => make().feedEvent(wrong), { name: 'TypeError', message });
    }
  });
}

test('other chunks name what there is', async () => {
  const message = 'a chunk must be a Uint8Array, a plain object or a string';
  for (const wrong of [7, null, ['data: {}'], new Map()]) {
    await assert.rejects(collect(asynchronous([wrong])), { name: 'TypeError', message });
    await assert.rejects(images(asynchronous([wrong]), () => {}), { name: 'TypeError', message });
  }
});

test('a source of events that never ends is left', async () => {
  async function* endless() {
    yield* EVENTS.responses;
    for (let sent = 0; sent < 1000; sent += 1) yield { type: 'keepalive' };
    assert.fail('it was read on');
  }
  assert.deepEqual([(await collect(endless())).outcome.status, (await collect(endless())).error], ['completed', null]);
});

for (const [client, upstream] of DIALECTS.flatMap((client) => DIALECTS.map((upstream) => [client, upstream]))) {
  test(`[DONE] as an event ends the stream, but of a Responses upstream: ${client} of ${upstream}`, () => {
    for (const events of [EVENTS[upstream], EVENTS[upstream].slice(0, 1)]) {
      const transcoder = new Transcoder({ client, upstream, objects: true });
      const collector = new Collector({ upstream });
      for (const event of events) [transcoder, collector].forEach((consumer) => consumer.feedEvent(event));
      const out = transcoder.feedEvent('[DONE]');
      collector.feedEvent(Buffer.from('[DONE]'));
      const status = events.length > 1 ? 'completed' : 'truncated';
      if (upstream === 'responses' && status === 'truncated') {
        assert.deepEqual([out, transcoder.outcome, collector.outcome], [[], null, null]);
        continue;
      }
      assert.deepEqual([transcoder.outcome.status, collector.outcome.status], [status, status]);
      if (upstream === 'chat') assert.equal(out.at(-1) === null, client === 'chat');
      assert.deepEqual(transcoder.finish(), []);
    }
  });
}

test('[DONE] as an event of a tee and of images, which read Responses streams', () => {
  const [tee, extractor] = [new Tee({ chat: true, relay: true }), new ImageExtractor(() => {})];
  for (const event of EVENTS.responses) [tee, extractor].forEach((consumer) => consumer.feedEvent(event));
  const { chat, responses } = tee.feedEvent('[DONE]');
  extractor.feedEvent('[DONE]');
  extractor.finish();
  assert.deepEqual([chat.length, responses.length], [0, 0]);
  assert.deepEqual([tee.outcome.status, extractor.outcome.status], ['completed', 'completed']);
});
