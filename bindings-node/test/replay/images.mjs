// fixtures/images, images_stream, text_completion: images out of a stream, and streams for clients of Images and Completions.
import assert from 'node:assert/strict';
import { Collector, ImageExtractor, ImagesTranscoder, Transcoder, imagesRequest } from 'sluicegate';
import { collectGarbage, cuttings, json, lines, replays, rows, sha256, whereOf } from '../cases.mjs';

/** A sink that keeps what is complete, and checks the order of calls. */
export function recorder() {
  const [open, begun, complete] = [new Map(), new Set(), []];
  const sink = (event) => {
    const { kind, key } = event;
    const members = { begin: [], write: ['data'], finish: ['meta'], abort: [] }[kind];
    assert.deepEqual(Object.keys(event), ['kind', 'key', ...members]);
    if (kind === 'begin') {
      assert.ok(!begun.has(key));
      begun.add(key);
      open.set(key, []);
      return;
    }
    assert.ok(open.has(key));
    if (kind === 'write') {
      assert.ok(event.data instanceof Uint8Array && event.data.length > 0);
      open.get(key).push(event.data);
      return;
    }
    if (kind === 'finish') complete.push({ data: Buffer.concat(open.get(key)), meta: event.meta });
    open.delete(key);
  };
  return { sink, open, complete };
}

/** What an extractor makes of pieces given so. */
export function extract(options, pieces, give) {
  const { sink, open, complete } = recorder();
  const extractor = new ImageExtractor(sink, options);
  for (const piece of pieces) assert.equal(give(extractor, piece), undefined);
  assert.deepEqual([extractor.outcome, extractor.outcomeJson], [null, null]);
  assert.equal(extractor.finish(), undefined);
  assert.deepEqual([open.size, extractor.written], [0, []]);
  for (const { data, meta } of complete) assert.equal(data.length, meta.bytes);
  return { complete, outcome: extractor.outcomeJson };
}

/** The pieces of a case, and how they are fed. */
export function piecesOf(file) {
  const input = file('input.sse');
  const options = json(file('options.json')) ?? undefined;
  if (input !== null) return { options, pieces: [input], give: (extractor, piece) => extractor.feed(piece) };
  return { options, pieces: lines(file('frames.jsonl')), give: (extractor, piece) => extractor.feedEvent(piece) };
}

/** As in images.json, an image a line. */
async function written({ complete, outcome }) {
  const images = complete.map(async ({ data, meta }) => JSON.stringify({ sha256: await sha256(data), meta }));
  return `{"images":[\n${(await Promise.all(images)).join(',\n')}\n],"outcome":${outcome}}\n`;
}

const extracted = replays('images', async (file) => {
  const expected = file('images.json').toString();
  const { options, pieces, give } = piecesOf(file);
  assert.equal(await written(extract(options, pieces, give)), expected);
  const input = file('input.sse');
  const others = input === null ? [pieces.map((frame) => Buffer.from(frame))] : cuttings(input);
  let cuts = 0;
  for (const chunks of others) {
    cuts += 1;
    if (cuts % 64 === 0) await collectGarbage();
    assert.equal(await written(extract(options, chunks, give)), expected, whereOf(chunks));
  }
});

/** A request for the tool, or what to answer. */
const requested = rows('images/requests.jsonl', ({ request, host_model: model, sent, rejected }) => {
  const isExpected = ({ envelope, status }) => {
    assert.deepEqual([envelope, status], [rejected, 400]);
    return true;
  };
  for (const given of [request, Buffer.from(request)]) {
    if (sent === undefined) assert.throws(() => imagesRequest(given, model), isExpected);
    else assert.equal(imagesRequest(given, model).toString(), sent);
  }
});

export const images = [...extracted, ...requested];

/** What a client is sent, and the outcome. */
function streamed(transcoder, pieces, feed = 'feed') {
  const out = pieces.map((piece) => transcoder[feed](piece));
  return { stream: Buffer.concat([...out, transcoder.finish()]).toString(), outcome: `${transcoder.outcomeJson}\n` };
}

const golden = (file) => ({ stream: file('output.sse').toString(), outcome: file('outcome.json').toString() });

export const imagesStream = replays('images_stream', async (file) => {
  const options = json(file('options.json')) ?? {};
  const input = file('input.sse');
  if (input === null) {
    assert.deepEqual(streamed(new ImagesTranscoder(options), lines(file('frames.jsonl')), 'feedEvent'), golden(file));
    return;
  }
  for (const pieces of cuttings(input)) assert.deepEqual(streamed(new ImagesTranscoder(options), pieces), golden(file));
  await collectGarbage();
});

export const textCompletion = replays('text_completion', async (file) => {
  const { upstream = 'responses', options } = json(file('options.json'));
  const input = file('input.sse');
  for (const pieces of cuttings(input)) {
    const transcoder = new Transcoder({ ...options, client: 'chat', upstream });
    assert.deepEqual(streamed(transcoder, pieces), golden(file));
  }
  const collector = new Collector({ ...options, upstream });
  collector.feed(input);
  collector.finish();
  assert.equal(`${collector.finalCompletion()}\n`, file('completion.json').toString());
  await collectGarbage();
});
