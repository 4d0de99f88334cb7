// Objects in worker threads, in numbers, dropped in mid-stream; sinks that misbehave.
// SLUICEGATE_OBJECTS: how many objects of each class come and go (default 200,000).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ChatTranscoder, ImageExtractor, ResponseCollector, ResponsesRelay, ResponsesTranscoder } from 'sluicegate';
import { SseParser } from 'sluicegate';
import { cases, collectGarbage } from './cases.mjs';
import { DELTA, bytes } from './streams.mjs';

const OBJECTS = Number(process.env.SLUICEGATE_OBJECTS ?? 200_000);
const CONSUMERS = [SseParser, ChatTranscoder, ResponsesRelay, ResponseCollector, ResponsesTranscoder];
/** One with a sink in JavaScript. */
class SunkExtractor extends ImageExtractor {
  constructor() {
    super(() => {});
  }
}
const HALF = bytes(DELTA.slice(0, -1));

const PIECE = `data: ${JSON.stringify({
  type: 'response.output_item.done',
  item: { type: 'image_generation_call', id: 'ig_1', result: Buffer.from('\x89PNG\r\n\x1a\nimage', 'latin1').toString('base64') },
})}\n\n`;

/** Runs in a worker: every chat fixture it is given, then the results back. */
const WORK = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { ChatTranscoder } = require(workerData.package);
  for (;;) {
    const results = workerData.inputs.map(([input, options]) => {
      const transcoder = new ChatTranscoder(options ?? undefined);
      const out = [];
      for (let at = 0; at < input.length; at += 7) out.push(transcoder.feed(input.subarray(at, at + 7)));
      return Buffer.concat([...out, transcoder.finish()]).toString('latin1');
    });
    parentPort.postMessage(results);
    if (!workerData.forever) break;
  }
`;

function work(forever) {
  const streams = cases('chat').filter(({ file }) => file('input.sse') !== null);
  const options = ({ file }) => (file('options.json') === null ? null : JSON.parse(file('options.json')));
  const inputs = streams.map((stream) => [new Uint8Array(stream.file('input.sse')), options(stream)]);
  const location = new URL('../index.js', import.meta.url).pathname;
  const worker = new Worker(WORK, { eval: true, workerData: { package: location, inputs, forever } });
  return { worker, expected: streams.map(({ file }) => file('output.sse').toString('latin1')) };
}

test('worker threads give the same bytes, each with objects of its own', async () => {
  const workers = Array.from({ length: 3 }, () => work(false));
  const results = await Promise.all(workers.map(({ worker }) => once(worker, 'message')));
  for (const [at, [got]] of results.entries()) assert.deepEqual(got, workers[at].expected);
  await Promise.all(workers.map(({ worker }) => worker.terminate()));
});

test('a worker may be terminated in mid-stream', async () => {
  const { worker } = work(true);
  await once(worker, 'message');
  assert.equal(await worker.terminate(), 1);
  assert.ok(new ChatTranscoder().finish().length > 0);
});

for (const Class of [...CONSUMERS, SunkExtractor]) {
  test(`${Class.name}s that come and go leave nothing`, { skip: process.platform !== 'linux' }, async () => {
    const use = async (count) => {
      for (let nth = 0; nth < count; nth += 1) {
        new Class().feed(HALF); // dropped in the middle of an event
        if (nth % 1000 === 0) await collectGarbage();
      }
      await collectGarbage();
    };
    await use(OBJECTS / 10);
    const before = process.memoryUsage.rss();
    await use(OBJECTS);
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 48 << 20, `${grown} bytes for ${OBJECTS} objects`);
  });
}

test('a sink that uses its extractor throws, and costs one image', () => {
  const thrown = [];
  const extractor = new ImageExtractor(() => {
    const uses = [
      () => extractor.feed(HALF),
      () => extractor.feedEvent('{}'),
      () => extractor.finish(),
      () => extractor.outcome,
      () => extractor.written,
    ];
    for (const use of uses) {
      try {
        use();
      } catch (error) {
        thrown.push(error.message);
      }
    }
    extractor.finish();
  });
  assert.throws(() => extractor.feed(bytes(PIECE)), /the sink must not use its extractor/);
  assert.deepEqual(new Set(thrown), new Set(['the sink must not use its extractor']));
  assert.equal(thrown.length % 5, 0);
  extractor.finish();
  assert.equal(extractor.outcome.errors[0].code, 'sink');
});

test('a fault in the core would be an exception, not the end of the process', () => {
  const folder = new URL('../src/', import.meta.url);
  const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
  const functions = [...source.matchAll(/#\[napi(?:\(([^\]]*)\))?\]\s*(?:#\[[^\]]*\]\s*)*pub fn (\w+)/g)];
  const open = functions.filter(([, how = '']) => !/catch_unwind/.test(how)).map(([, , name]) => name);
  assert.ok(functions.length > 50);
  assert.deepEqual(open, []);
  // Those without the macro are all answered by the one function that catches.
  const plain = [...source.matchAll(/extern "C" fn (\w+)/g)].map(([, name]) => name);
  assert.ok(plain.length > 0);
  const caught = [...source.matchAll(/extern "C" fn (\w+)\([^{]*\{(?:\s*let own = [^;]*;)?\s*answer\(/g)].map(([, name]) => name);
  assert.deepEqual(caught, plain);
  assert.match(source, /\nfn answer<[^]*?catch_unwind\(/);
});
