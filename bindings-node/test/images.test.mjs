// Images: directories, functions that throw, sizes, and the driver.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ImageExtractor, SluicegateError, images } from 'sluicegate';
import { cases } from './cases.mjs';
import { extract, piecesOf, recorder } from './replay/images.mjs';
import { DELTA, bytes, iterable, silent, upstream } from './streams.mjs';

const fixtures = cases('images');

function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}

/** Calls with a fresh directory, which is gone afterwards. */
async function inDirectory(call) {
  const directory = mkdtempSync(`${tmpdir()}/sluicegate-`);
  try {
    return await call(directory, () => readdirSync(directory).sort());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One event with one image. */
function done(id, index, base64) {
  const item = { id, type: 'image_generation_call', result: base64 };
  return `data: ${JSON.stringify({ type: 'response.output_item.done', output_index: index, item })}\n\n`;
}

const GIF = 'R0lGODlh';
const TWO = [done('ig_1', 0, GIF), done('ig_2', 1, GIF)];

/** A matcher for `assert.throws`. */
function isSink(error) {
  assert.ok(error instanceof SluicegateError, `${error}`);
  assert.deepEqual([error.code, error.offset, error.path], ['sink', null, null]);
  return true;
}

describe('a directory', () => {
  for (const { name, file } of fixtures) {
    test(`gets the files of ${name}, and nothing else`, () =>
      inDirectory((directory, names) => {
        const { options, pieces, give } = piecesOf(file);
        const { complete, outcome } = extract(options, pieces, give);
        const extractor = new ImageExtractor(directory, options);
        for (const piece of pieces) give(extractor, piece);
        extractor.finish();
        assert.equal(extractor.outcomeJson, outcome);
        const files = extractor.written.map(({ path, ...meta }) => ({ data: readFileSync(path), meta }));
        assert.deepEqual(files, complete);
        assert.deepEqual(names(), extractor.written.map(({ path }) => path.slice(directory.length + 1)).sort());
      }));
  }

  test('is made, and may be a file URL', () =>
    inDirectory((directory) => {
      const folder = `${directory}/a b/c`;
      const extractor = new ImageExtractor(pathToFileURL(folder));
      extractor.feed(bytes(TWO[0]));
      const [{ path, ...meta }, ...more] = extractor.written;
      assert.deepEqual([path, more], [`${folder}/ig_1.gif`, []]);
      assert.deepEqual([meta.mime, meta.bytes, meta.item_id, meta.partial], ['image/gif', 6, 'ig_1', false]);
      assert.equal(readFileSync(path, 'latin1'), 'GIF89a');
    }));

  test('that cannot be made is an error', async () => {
    for (const directory of ['/dev/null/no', 'nul\0']) {
      assert.throws(() => new ImageExtractor(directory), (error) => isSink(error) && error.message.includes(directory.replace('\0', '\\u0000')));
      await assert.rejects(images(iterable(TWO), directory), isSink);
    }
  });

  test('that takes no file costs the image', () =>
    inDirectory((directory, names) => {
      const extractor = new ImageExtractor(`${directory}/gone`);
      rmSync(`${directory}/gone`, { recursive: true });
      assert.throws(() => extractor.feed(bytes(TWO.join(''))), isSink);
      extractor.finish();
      assert.deepEqual(extractor.outcome.errors.map(({ code, item_id }) => [code, item_id]), [
        ['sink', 'ig_1'],
        ['sink', 'ig_2'],
      ]);
      assert.deepEqual([extractor.written, names()], [[], []]);
    }));

  test('loses what is not complete', () =>
    inDirectory(async (directory, names) => {
      const begun = TWO[0].slice(0, TWO[0].indexOf(GIF) + 7);
      const extractor = new ImageExtractor(directory);
      extractor.feed(bytes(TWO[1] + begun));
      assert.equal(names().filter((name) => name.startsWith('.')).length, 1);
      extractor.finish();
      assert.deepEqual(names(), ['ig_2.gif']);
      const wrong = async function* () {
        yield bytes(begun);
        assert.equal(names().length, 2);
        yield 7;
      };
      await assert.rejects(images(wrong(), directory), TypeError);
      assert.deepEqual(names(), ['ig_2.gif']);
    }));
});

describe('a function', () => {
  test('gets Buffers', () => {
    const given = [];
    new ImageExtractor(({ data = null }) => given.push(data)).feed(bytes(TWO[0]));
    assert.deepEqual(given.map((data) => data === null || Buffer.isBuffer(data)), [true, true, true]);
  });

  test('that throws loses one image, and its error is thrown', () => {
    for (const thrown of [new Error('full'), undefined]) {
      for (let at = 1; at <= 6; at += 1) {
        const { sink, open, complete } = recorder();
        let calls = 0;
        const reported = [];
        const failing = (event) => {
          reported.push(`${event.kind} ${event.key}`);
          if (event.kind !== 'abort') calls += 1;
          if (calls === at && event.kind !== 'abort') throw thrown;
          sink(event);
        };
        const extractor = new ImageExtractor(failing);
        const got = [];
        try {
          extractor.feed(bytes(TWO.join('')));
        } catch (error) {
          got.push(error);
        }
        assert.deepEqual(got, [thrown]);
        assert.equal(got[0], thrown);
        extractor.finish();
        const lost = at <= 3 ? 'ig_1' : 'ig_2';
        assert.deepEqual(complete.map(({ meta }) => meta.item_id), [lost === 'ig_1' ? 'ig_2' : 'ig_1']);
        assert.deepEqual(extractor.outcome.errors.map(({ code, item_id }) => [code, item_id]), [['sink', lost]]);
        assert.equal(reported.filter((call) => call.startsWith('abort')).length, at % 3 === 1 ? 0 : 1);
        assert.equal(open.size, 0);
      }
    }
  });

  test('that throws twice gets its first error', () => {
    const errors = [];
    const extractor = new ImageExtractor(() => {
      errors.push(new Error(`${errors.length}`));
      throw errors.at(-1);
    });
    assert.throws(() => extractor.feed(bytes(TWO.join(''))), (error) => error === errors[0]);
    assert.equal(errors.length, 2);
    extractor.finish();
    assert.equal(extractor.outcome.errors.length, 2);
  });

  test('cannot use its extractor, and that costs the image', () => {
    for (const use of [
      (extractor) => extractor.feed(bytes(TWO[1])),
      (extractor) => extractor.feedEvent('{}'),
      (extractor) => extractor.finish(),
    ]) {
      const { sink, complete } = recorder();
      const extractor = new ImageExtractor((event) => {
        if (event.key === 0 && event.kind === 'finish') use(extractor);
        sink(event);
      });
      assert.throws(() => extractor.feed(bytes(TWO.join(''))), Error);
      extractor.finish();
      assert.deepEqual(complete.map(({ meta }) => meta.item_id), ['ig_2']);
      assert.deepEqual(extractor.outcome.errors.map(({ code }) => code), ['sink']);
    }
  });

  test('may do to the chunk and to its data what it likes', () => {
    const { sink, complete } = recorder();
    const chunk = bytes(TWO.join(''));
    const extractor = new ImageExtractor((event) => {
      sink({ ...event, ...(event.data && { data: Buffer.from(event.data) }) });
      if (chunk.length > 0) {
        chunk.fill(0);
        structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
      }
      event.data?.fill(0);
    });
    extractor.feed(chunk);
    extractor.finish();
    assert.deepEqual(complete.map(({ data }) => data.toString()), ['GIF89a', 'GIF89a']);
  });

  test('gets a large image in small pieces, while it arrives', () => {
    const image = Buffer.alloc(20 << 20, 'sluicegate');
    image.write('GIF89a');
    const body = Buffer.from(done('ig_1', 0, image.toString('base64')));
    for (const size of [1 << 20, body.length]) {
      const hash = createHash('sha256');
      let [length, largest, finished] = [0, 0, 0];
      const extractor = new ImageExtractor(({ kind, data, meta }) => {
        if (kind === 'finish') finished = meta.bytes;
        if (kind !== 'write') return;
        hash.update(data);
        length += data.length;
        largest = Math.max(largest, data.length);
      });
      for (let at = 0; at < body.length; at += size) {
        const chunk = body.subarray(at, at + size);
        extractor.feed(chunk);
        assert.ok(length >= ((at + chunk.length) * 3) / 4 - (64 << 10), `${length} bytes at ${at}`);
      }
      assert.ok(largest <= 64 << 10, `${largest}`);
      assert.deepEqual([length, finished, hash.digest('hex')], [image.length, image.length, sha256(image)]);
    }
  });
});

describe('arguments', () => {
  test('of the wrong type are TypeErrors', async () => {
    for (const sink of [undefined, null, 1, {}, [], Buffer.from('folder'), new URL('http://localhost/folder')]) {
      assert.throws(() => new ImageExtractor(sink), TypeError);
      await assert.rejects(images(iterable(TWO), sink), TypeError);
    }
    const extractor = new ImageExtractor(() => {});
    const detached = new Uint8Array(8);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    for (const chunk of [1, null, undefined, [1], new Map(), new ArrayBuffer(2), new Int8Array(2), detached]) {
      assert.throws(() => extractor.feed(chunk), TypeError);
      assert.throws(() => extractor.feedEvent(chunk), TypeError);
    }
    for (const options of [null, 'partials', 1, [], { maxImageBytes: Infinity }]) {
      assert.throws(() => new ImageExtractor(() => {}, options), TypeError);
    }
  });

  test('that are wrong options are named', () => {
    for (const [options, path] of [[{ partials: 1 }, 'partials'], [{ maxImageBytes: -1 }, 'max_image_bytes']]) {
      assert.throws(() => new ImageExtractor(() => {}, options), { code: 'invalid_option', path });
    }
  });

  test('after finish are misuse', () => {
    const extractor = new ImageExtractor(() => {});
    extractor.finish();
    for (const call of [() => extractor.feed(bytes('')), () => extractor.feedEvent('{}'), () => extractor.finish()]) {
      assert.throws(call, { name: 'SluicegateError', code: 'after_finish' });
    }
    assert.equal(extractor.outcome.no_image, 'truncated');
    assert.deepEqual([extractor.envelope.status, extractor.envelope.body.error.code], [502, 'truncated']);
  });
});

describe('the driver', () => {
  const reset = new Error('reset');
  const fail = () => {
    throw reset;
  };
  const end = 'data: {"type":"response.completed","response":{"status":"completed"}}\n\n';

  test('gives the same from a ReadableStream and from an async iterable', async () => {
    const texts = [TWO.join('').slice(0, 99), TWO.join('').slice(99), end];
    for (const source of [upstream(texts).stream, iterable(texts), new Response(texts.join('')).body]) {
      const { sink, complete } = recorder();
      const { outcome, envelope, written, error } = await images(source, sink);
      assert.equal(envelope, null);
      assert.deepEqual([outcome.status, outcome.images.length, written, error], ['completed', 2, [], null]);
      assert.deepEqual(outcome.images, complete.map(({ meta }) => meta));
    }
    await inDirectory(async (directory, names) => {
      const { written, error } = await images(iterable(texts), directory, { partials: true });
      assert.deepEqual([written.map(({ item_id }) => item_id), error], [['ig_1', 'ig_2'], null]);
      assert.deepEqual(names(), ['ig_1.gif', 'ig_2.gif']);
    });
  });

  test('takes a source that fails for a cut stream, and reports its error', async () => {
    const cut = [TWO[0], TWO[1].slice(0, -12)];
    for (const source of [upstream(cut, fail).stream, iterable(cut, fail)]) {
      await inDirectory(async (directory, names) => {
        const { outcome, written, error } = await images(source, directory);
        assert.equal(error, reset);
        assert.deepEqual([outcome.status, outcome.images.length, written.length], ['truncated', 1, 1]);
        assert.deepEqual(names(), ['ig_1.gif']);
      });
    }
    const { outcome: without, envelope } = await images(iterable([DELTA], fail), () => {});
    assert.deepEqual([without.no_image, envelope.body.error.code], ['truncated', 'truncated']);
  });

  test('reads on where the sink fails, and reports the first error', async () => {
    const { sink, complete } = recorder();
    const errors = [new Error('full'), new Error('still full')];
    const failing = (event) => {
      if (event.kind === 'write' && event.key in errors) throw errors[event.key];
      sink(event);
    };
    const { outcome, error } = await images(iterable([...TWO, done('ig_3', 2, GIF), end], fail), failing);
    assert.equal(error, errors[0]);
    assert.deepEqual([outcome.status, outcome.errors.length, complete.length], ['completed', 2, 1]);
  });

  test('reports what the sink throws at the end', async () => {
    const partial = { type: 'response.image_generation_call.partial_image', item_id: 'ig_1', output_index: 0 };
    const event = `data: ${JSON.stringify({ ...partial, partial_image_index: 0, partial_image_b64: GIF })}\n\n`;
    const failing = ({ kind }) => {
      if (kind === 'finish') throw reset;
    };
    const { outcome, error } = await images(iterable([event]), failing);
    assert.deepEqual([error, outcome.errors.map(({ code }) => code)], [reset, ['sink']]);
  });

  test('gives the source up when a chunk is none', async () => {
    const { stream, seen } = upstream([DELTA], silent);
    const lengths = stream.pipeThrough(new TransformStream({ transform: (chunk, out) => out.enqueue(chunk.length) }));
    await assert.rejects(images(lengths, () => {}), TypeError);
    assert.equal(seen.cancelled, 1);
  });

  test('rejects wrong arguments before the source is touched', async () => {
    for (const source of [undefined, null, 'data', {}]) await assert.rejects(images(source, () => {}), TypeError);
    const { stream } = upstream([...TWO, end]);
    await assert.rejects(images(stream, () => {}, { partial: true }), SluicegateError);
    assert.equal((await images(stream, () => {})).outcome.status, 'completed');
  });
});
