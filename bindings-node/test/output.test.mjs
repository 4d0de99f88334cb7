// What a transcoder gives stays as it is, whatever is done with it: its calls write into shared memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transcoder } from 'sluicegate';

const event = (data) => Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
const delta = (text) => event({ type: 'response.output_text.delta', item_id: 'msg_1', delta: text });
const COMPLETED = event({ type: 'response.completed', response: { id: 'resp_1', status: 'completed' } });
const made = () => new Transcoder({ client: 'chat', upstream: 'responses' });
const textOf = (pieces) =>
  [...Buffer.concat(pieces).toString().matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json).choices[0].delta.content ?? '').join('');

test('pieces that are kept: short ones, long ones, of two streams by turns', () => {
  const texts = Array.from({ length: 500 }, (_, nth) => `${nth} ${'x'.repeat(nth % 50 === 0 ? 20_000 : nth % 40)};`);
  const streams = [made(), made()].map((transcoder) => ({ transcoder, pieces: [] }));
  for (const text of texts) for (const { transcoder, pieces } of streams) pieces.push(transcoder.feed(delta(text)));
  for (const { transcoder, pieces } of streams) {
    pieces.push(transcoder.feed(COMPLETED), transcoder.finish());
    assert.equal(textOf(pieces), texts.join(''));
  }
});

test('a piece that is transferred away: the stream goes on, and no other stream is harmed', () => {
  const [one, other] = [made(), made()];
  const kept = [other.feed(delta('kept'))];
  for (let nth = 0; nth < 100; nth++) {
    const piece = one.feed(delta(`${nth}`));
    const { buffer, byteOffset, length } = piece;
    const moved = structuredClone(buffer, { transfer: [buffer] });
    assert.match(textOf([Buffer.from(moved, byteOffset, length)]), new RegExp(`${nth}$`));
  }
  kept.push(other.feed(delta(', too')), other.feed(COMPLETED));
  assert.equal(textOf(kept), 'kept, too');
});

test('a byte stream, which transfers what it is given', async () => {
  const transcoder = made();
  const texts = Array.from({ length: 50 }, (_, nth) => `${nth},`);
  const stream = new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const text of texts) controller.enqueue(transcoder.feed(delta(text)));
      controller.enqueue(transcoder.feed(COMPLETED));
      controller.close();
    },
  });
  const pieces = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  assert.equal(textOf(pieces), texts.join(''));
});

test('its own output as its input', () => {
  const relay = new Transcoder({ client: 'chat', upstream: 'chat' });
  const first = relay.feed(made().feed(delta('again')));
  assert.equal(textOf([relay.feed(first)]), 'again');
});
