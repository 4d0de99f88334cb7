// Streams of the Images API, and answers of the legacy Completions API: the official client reads every golden case.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { APIError } from 'openai';
import { ImagesTranscoder, ImagesTranscoderStream, Transcoder, imagesRequest, imagesSse, transcode } from 'sluicegate';
import { cases, json } from './cases.mjs';

const streams = cases('images_stream');
const texts = cases('text_completion');

/** An official client whose server answers with this; `sent` has the requests. */
function fake(body, type = 'text/event-stream') {
  const sent = [];
  const fetch = async (_, { body: request }) => {
    sent.push(JSON.parse(request));
    return new Response(body, { headers: { 'content-type': type } });
  };
  return { sent, client: new OpenAI({ apiKey: 'sk', baseURL: 'http://test/v1', maxRetries: 0, fetch }) };
}

/** All that it gives. */
async function all(source) {
  const given = [];
  for await (const each of source) given.push(each);
  return given;
}

for (const { name, file } of streams) {
  test(`the official client reads images_stream/${name}`, { skip: name.includes('edits') }, async () => {
    const { failure, error } = json(file('outcome.json'));
    const seen = [];
    const read = async () => {
      const { client } = fake(file('output.sse'));
      for await (const event of await client.images.generate({ prompt: 'A cat', stream: true })) seen.push(event);
    };
    if (failure === null) {
      await read();
      assert.equal(seen.at(-1).type, 'image_generation.completed');
    } else {
      await assert.rejects(read(), (thrown) => {
        assert.ok(thrown instanceof APIError);
        assert.deepEqual([thrown.error.message, thrown.code], [error.message, error.code]);
        return true;
      });
    }
    assert.ok(seen.every((event) => event.b64_json.length > 0 && typeof event.created_at === 'number'));
  });
}

test('as a generator, a TransformStream, objects and frames', async () => {
  const { file } = streams.find(({ name }) => name === 'partials_and_final');
  const [input, expected] = [file('input.sse'), file('output.sse').toString()];
  const source = () => new Blob([input]).stream();
  const joined = async (given) => Buffer.concat(await all(given)).toString();
  assert.equal(await joined(imagesSse(source())), expected);
  assert.equal(await joined(transcode(source(), { client: 'images', upstream: 'responses' })), expected);
  assert.equal(await joined(source().pipeThrough(new ImagesTranscoderStream())), expected);
  const objects = (await all(imagesSse(source(), { objects: true }))).flat();
  assert.deepEqual(objects.map(({ type }) => type.split('.')[1]), ['partial_image', 'partial_image', 'completed']);
  const frames = (await all(imagesSse(source(), { frames: true }))).flat();
  assert.deepEqual([frames.length, Buffer.concat(frames).toString()], [3, expected]);
});

test('wrong options', () => {
  for (const wrong of [{ includeUsage: true }, { imageEdits: 1 }, { noSuch: true }]) {
    assert.throws(() => new ImagesTranscoder(wrong), { code: 'invalid_option' });
  }
  assert.throws(() => new Transcoder({ client: 'images', upstream: 'chat' }), { code: 'invalid_option', path: 'upstream' });
  for (const wrong of [null, 1, 'images']) assert.throws(() => new ImagesTranscoder(wrong), TypeError);
});

test('the official client asks for a stream', async () => {
  const { client, sent } = fake('');
  for await (const _ of await client.images.generate({ prompt: 'A cat', stream: true, partial_images: 2 })) assert.fail();
  const request = JSON.parse(imagesRequest(sent[0], 'gpt-5.5'));
  assert.equal(request.stream, true);
  assert.deepEqual(request.tools, [{ type: 'image_generation', partial_images: 2 }]);
});

for (const { name, file } of texts) {
  const skip = json(file('meta.json'))?.skip_client;
  test(`the official client reads text_completion/${name}`, { skip }, async () => {
    const completion = json(file('completion.json'));
    const ask = async () => {
      const { client } = fake(file('output.sse'));
      return all(await client.completions.create({ model: 'm', prompt: 'Once', stream: true }));
    };
    if (completion.error !== undefined) return assert.rejects(ask(), APIError);
    const choices = (await ask()).flatMap((chunk) => chunk.choices);
    const [whole] = completion.choices;
    assert.equal(choices.map(({ text }) => text).join(''), whole.text);
    assert.equal(choices.at(-1).finish_reason, whole.finish_reason);
    const offsets = choices.flatMap(({ logprobs }) => logprobs?.text_offset ?? []);
    assert.deepEqual(offsets, whole.logprobs?.text_offset ?? []);
    const { client } = fake(JSON.stringify(completion), 'application/json');
    const read = await client.completions.create({ model: 'm', prompt: 'Once' });
    assert.deepEqual({ ...read }, completion);
  });
}
