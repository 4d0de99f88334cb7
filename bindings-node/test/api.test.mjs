// What the Node package adds: argument checks, errors, properties, names and types.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import * as esm from 'sluicegate';
import * as esmFetch from 'sluicegate/fetch';
import { cases, json } from './cases.mjs';
import { CHUNK, COMPLETED, DELTA, FAILED, FINISH, bytes, text } from './streams.mjs';

const { ChatTranscoder, ImageExtractor, ResponseCollector, ResponsesRelay, SluicegateError, SseParser } = esm;
const { ResponsesTranscoder } = esm;
const CONSUMERS = [ChatTranscoder, ResponsesRelay, ResponsesTranscoder, ResponseCollector];

/** A matcher for `assert.throws`. */
function ours(expected) {
  return (error) => {
    assert.ok(error instanceof SluicegateError, `${error}`);
    assert.equal(error.name, 'SluicegateError');
    const { code, offset, path } = error;
    assert.deepEqual({ code, offset, path }, { offset: null, path: null, ...expected });
    assert.ok(error.message.length > 0 && !error.message.includes('\n'));
    return true;
  };
}

describe('bytes', () => {
  const event = { event: 'message', data: 'é', id: '' };
  const block = bytes('data: é\n\n');

  test('of any Uint8Array are read', () => {
    const padded = new Uint8Array(block.length + 7);
    padded.set(block, 5);
    const shared = new Uint8Array(new SharedArrayBuffer(block.length));
    shared.set(block);
    const foreign = runInNewContext('Uint8Array.from(numbers)', { numbers: [...block] });
    assert.ok(!(foreign instanceof Uint8Array));
    for (const chunk of [Buffer.from(block), padded.subarray(5, 5 + block.length), shared, foreign]) {
      assert.deepEqual(new SseParser().feed(chunk), [event]);
    }
  });

  test('are not kept: the caller may reuse its buffer', () => {
    const parser = new SseParser();
    const chunk = Buffer.from('data: one');
    parser.feed(chunk);
    chunk.fill('x');
    assert.equal(parser.feed(bytes('\n\n'))[0].data, 'one');
  });

  test('that come back are the caller’s: later calls leave them alone', () => {
    for (const Class of [ChatTranscoder, ResponsesRelay]) {
      const consumer = new Class();
      const first = consumer.feed(bytes(DELTA));
      const copy = Buffer.from(first);
      const second = consumer.feed(bytes(DELTA));
      second.fill(0);
      assert.deepEqual(first, copy);
      assert.ok(Buffer.isBuffer(first));
    }
    const collector = new ResponseCollector();
    assert.ok(Buffer.isBuffer(collector.finish()));
    collector.chatCompletion().fill(0);
    assert.match(text(collector.chatCompletion()), /upstream_truncated/);
  });

  test('of a detached buffer are a TypeError, not an empty chunk', () => {
    const chunk = new Uint8Array(8);
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    assert.throws(() => new SseParser().feed(chunk), TypeError);
    for (const Class of CONSUMERS) assert.throws(() => new Class().feed(chunk), TypeError);
    assert.deepEqual(new SseParser().feed(new Uint8Array(0)), []);
    assert.equal(new ChatTranscoder().feed(Buffer.alloc(0)).length, 0);
  });

  test('are nothing else', () => {
    const views = [Uint16Array, Int8Array, Uint8ClampedArray, DataView].map((View) => new View(new ArrayBuffer(2)));
    const wrong = [1, null, undefined, [1], {}, new ArrayBuffer(2), ...views];
    for (const chunk of wrong) {
      assert.throws(() => new SseParser().feed(chunk), TypeError);
      for (const Class of CONSUMERS) {
        assert.throws(() => new Class().feed(chunk), TypeError);
        const isEvent = chunk?.constructor === Object;
        if (!isEvent) assert.throws(() => new Class().feedEvent(chunk), TypeError);
      }
    }
  });

  test('of a frame may be text, and are repaired like a stream', () => {
    const frame = '{"type":"response.output_text.delta","delta":"é\u2028"}';
    const got = [frame, bytes(frame)].map((given) => text(new ChatTranscoder().feedEvent(given)));
    assert.equal(got[0], got[1]);
    assert.match(got[0], /"content":"é\u2028"/);
    const broken = Buffer.from('{"type":"response.output_text.delta","delta":"?"}');
    broken[broken.indexOf('?')] = 0xff;
    assert.match(text(new ChatTranscoder().feedEvent(broken)), /"content":"\ufffd"/);
  });
});

describe('options', () => {
  test('are named in camelCase or snake_case', () => {
    for (const options of [{ includeUsage: true }, { include_usage: true }]) {
      assert.match(text(new ChatTranscoder(options).feed(bytes(DELTA))), /"usage":null/);
    }
  });

  test('that are undefined or null are as if left out', () => {
    for (const options of [undefined, {}, { includeUsage: undefined }, { includeUsage: null }]) {
      assert.doesNotMatch(text(new ChatTranscoder(options).feed(bytes(DELTA))), /usage/);
    }
  });

  test('that are unknown or wrong are named', () => {
    for (const Class of [...CONSUMERS, SseParser]) {
      assert.throws(() => new Class({ noSuchThing: 1 }), ours({ code: 'invalid_option', path: 'no_such_thing' }));
      assert.throws(() => new Class({ maxEventBytes: '1' }), ours({ code: 'invalid_option', path: 'max_event_bytes' }));
      assert.throws(() => new Class({ maxEventBytes: -1 }), ours({ code: 'invalid_option', path: 'max_event_bytes' }));
      const hidden = JSON.parse('{"__proto__":1}');
      assert.throws(() => new Class(hidden), ours({ code: 'invalid_option', path: '__proto__' }));
    }
  });

  test('that JSON cannot hold are TypeErrors, not defaults', () => {
    for (const created of [NaN, Infinity, -Infinity, 1n, () => 1, Symbol('1')]) {
      assert.throws(() => new ChatTranscoder({ created }), TypeError);
    }
    for (const options of [null, 'model', 1, [], true]) {
      for (const Class of [...CONSUMERS, SseParser]) assert.throws(() => new Class(options), TypeError);
    }
  });
});

describe('errors', () => {
  test('lose no event of their chunk', () => {
    const parser = new SseParser({ maxEventBytes: 16 });
    const long = `data: ${'x'.repeat(40)}\n\n`;
    const chunk = `data: 1\n\n${long}data: 2\n\n${long}data: 3\n\nda`;
    assert.throws(
      () => parser.feed(bytes(chunk)),
      (error) => {
        assert.ok(ours({ code: 'event_too_large', offset: 9 })(error));
        assert.match(error.message, /at byte 9 /);
        assert.deepEqual(error.events.map(({ data }) => data), ['1', '2', '3']);
        assert.equal(error.further.length, 1);
        assert.ok(ours({ code: 'event_too_large', offset: chunk.lastIndexOf(long) })(error.further[0]));
        assert.deepEqual(error.further[0].events, []);
        return true;
      },
    );
    assert.deepEqual(parser.feed(bytes('ta: 4\n\n')).map(({ data }) => data), ['4']);
  });

  test('name a call after finish', () => {
    const parser = new SseParser();
    parser.finish();
    assert.throws(() => parser.feed(bytes('data: 1\n\n')), ours({ code: 'after_finish' }));
    assert.throws(() => parser.finish(), ours({ code: 'after_finish' }));
    for (const Class of CONSUMERS) {
      const consumer = new Class();
      consumer.finish();
      assert.throws(() => consumer.feed(bytes(DELTA)), ours({ code: 'after_finish' }));
      assert.throws(() => consumer.feedEvent('{}'), ours({ code: 'after_finish' }));
      assert.throws(() => consumer.finish(), ours({ code: 'after_finish' }));
      assert.equal(consumer.outcome.status, 'truncated');
    }
  });
});

describe('a finished body', () => {
  const chat = () => new esm.Transcoder({ client: 'chat', upstream: 'chat' });
  const both = [chat, () => new esm.Collector({ upstream: 'chat' }), () => new ResponseCollector()];

  test('is the only input', () => {
    for (const make of both) {
      const given = make();
      given.feedDocument({ error: 'no' }, { status: 500 });
      assert.deepEqual(given.failure, { status: 500, class: 'retryable', retry_after_ms: null });
      for (const call of [() => given.feedDocument('{}'), () => given.feed(bytes('')), () => given.feedEvent('{}')]) {
        assert.throws(call, ours({ code: 'document_not_alone' }));
      }
      given.finish();
      assert.throws(() => given.feedDocument('{}'), ours({ code: 'after_finish' }));
      const fed = make();
      fed.feed(bytes(': ping\n\n'));
      assert.throws(() => fed.feedDocument(bytes('{}')), ours({ code: 'document_not_alone' }));
      fed.feed(bytes(': ping\n\n'));
      for (const wrong of [null, undefined, 1, true]) assert.throws(() => make().feedDocument(wrong), TypeError);
      for (const wrong of [{ status: '500' }, { status: -1 }, { code: 1 }, null]) {
        assert.throws(() => make().feedDocument('{}', wrong), TypeError);
      }
    }
  });

  test('comes out as bytes, frames and objects', () => {
    const body = { object: 'response', id: 'resp_1', status: 'completed', output: [] };
    const out = (wants) => {
      const transcoder = new ChatTranscoder(wants);
      return [transcoder.feedDocument(body), transcoder.finish()];
    };
    const whole = Buffer.concat(out({})).toString();
    assert.equal(Buffer.concat(out({ frames: true }).flat()).toString(), whole);
    const objects = out({ objects: true }).flat();
    assert.equal(objects.at(-1), null);
    assert.deepEqual(objects.slice(0, -1), [...whole.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json)));
  });

  test('fails in the words of the host, by the names of the types', () => {
    const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8').match(/type MadeFailure =([^;]*);/)[1];
    const names = [...types.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    assert.throws(
      () => new esm.Collector({ upstream: 'chat', messages: { upstream_cut: {} } }),
      (error) => ours({ code: 'invalid_option', path: 'messages' })(error) && error.message.includes(`an object of ${names.join(', ')}, each`),
    );
    const collector = new esm.Collector({ upstream: 'chat', messages: { upstream_truncated: { message: 'Cut.' } } });
    collector.finish();
    assert.equal(collector.outcome.error.message, 'Cut.');
  });
});

describe('properties', () => {
  test('of a parser follow the stream', () => {
    const parser = new SseParser();
    assert.deepEqual([parser.retry, parser.lastEventId, parser.bytesTouched], [null, '', 0]);
    parser.feed(bytes('id: a\nretry: 12\ndata: 1\n\n'));
    assert.deepEqual([parser.retry, parser.lastEventId], [12, 'a']);
    assert.ok(parser.bytesTouched > 0);
  });

  test('of a transcoder or relay follow the stream', () => {
    for (const [Class, delta, end] of [
      [ChatTranscoder, DELTA, COMPLETED],
      [ResponsesRelay, DELTA, COMPLETED],
      [ResponsesTranscoder, CHUNK, FINISH],
    ]) {
      const consumer = new Class();
      const state = () => [consumer.committed, consumer.outcome?.status ?? null];
      assert.deepEqual([...state(), consumer.outcomeJson], [false, null, null]);
      consumer.feed(bytes(delta));
      assert.deepEqual([...state(), consumer.response?.() ?? null], [true, null, null]);
      consumer.feed(bytes(end));
      assert.deepEqual(state(), [true, 'completed']);
      assert.equal(consumer.finish().length, 0);
      assert.equal(JSON.stringify(consumer.outcome), consumer.outcomeJson);
      assert.equal(consumer.outcome.finish_reason, 'stop');
      if (Class !== ChatTranscoder) assert.match(text(consumer.response()), /"text":"Hello"/);
    }
  });

  test('of a collector follow the stream', () => {
    const collector = new ResponseCollector();
    assert.equal(collector.feed(bytes(DELTA)), undefined);
    assert.deepEqual([collector.outcome, collector.outcomeJson, collector.chatCompletion()], [null, null, null]);
    collector.feed(bytes(COMPLETED));
    assert.equal(collector.outcome.status, 'completed');
    assert.equal(collector.chatCompletion(), null);
    assert.match(text(collector.finish()), /"text":"Hello"/);
    assert.match(text(collector.chatCompletion()), /"content":"Hello"/);
    assert.equal(JSON.stringify(collector.outcome), collector.outcomeJson);
    assert.equal(collector.outcome.reconstructed, 'deltas');
    assert.equal('committed' in collector, false);
  });

  test('leave the HTTP status open when the upstream fails first', () => {
    for (const [Class, failure, given = FAILED] of [
      [ChatTranscoder, /"error":.*busy[^]*data: \[DONE\]\n\n$/],
      [ResponsesRelay, /event: response\.failed\ndata: .*busy.*\n\n$/],
      [ResponsesTranscoder, /event: response\.failed\ndata: .*busy.*\n\n$/, 'data: {"error":{"message":"busy"}}\n\n'],
    ]) {
      const consumer = new Class();
      assert.match(text(consumer.feed(bytes(given))), failure);
      assert.deepEqual([consumer.committed, consumer.outcome.error.message], [false, 'busy']);
    }
  });

  test('cannot be taken from another object', () => {
    const { get } = Object.getOwnPropertyDescriptor(esm.Transcoder.prototype, 'hasOutput');
    assert.throws(() => get.call({}), TypeError);
    assert.throws(() => ChatTranscoder.prototype.feed.call(new SseParser(), bytes(DELTA)), TypeError);
    assert.throws(() => ResponseCollector.prototype.chatCompletion.call(new ChatTranscoder()), TypeError);
    for (const Class of CONSUMERS) assert.throws(() => Class(), TypeError);
  });

  test('of a finding name the rule, for the clients of a profile', () => {
    const rules = (stream, profile) => esm.lint(stream, profile).map(({ rule, severity }) => `${rule} ${severity}`);
    assert.ok(rules(COMPLETED).includes('created_first error'));
    assert.deepEqual(rules(COMPLETED, null), rules(bytes(COMPLETED), 'openai'));
    assert.ok(rules(COMPLETED, 'codex_cli').includes('created_first warning'));
    assert.throws(() => esm.lint(COMPLETED, 'codex'), ours({ code: 'invalid_option', path: 'profile' }));
    for (const given of [[1], [{}], [COMPLETED, { profile: 'chat' }], [COMPLETED, 1]]) {
      assert.throws(() => esm.lint(...given), TypeError);
    }
  });

  test('heartbeat is a comment', () => {
    assert.equal(text(ChatTranscoder.heartbeat()), ': ping\n');
    assert.equal(text(ChatTranscoder.heartbeat(true)), ': ping\n\n');
    assert.throws(() => ChatTranscoder.heartbeat('block'), TypeError);
  });

  test('ping is an event to a client of Messages whose message began, else a comment', () => {
    const transcoder = new esm.Transcoder({ client: 'messages', upstream: 'responses', inputTokens: 9 });
    assert.deepEqual([transcoder.ping(), transcoder.ping(true)].map(text), [': ping\n', ': ping\n\n']);
    assert.match(text(transcoder.feed(bytes(DELTA))), /"input_tokens":9/);
    assert.equal(text(transcoder.ping()), 'event: ping\ndata: {"type": "ping"}\n\n');
    assert.throws(() => transcoder.ping('block'), TypeError);
  });
});

describe('the package', () => {
  const require = createRequire(import.meta.url);
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const types = readFileSync(`${folder}index.d.ts`, 'utf8');

  /** Node adds these to what it imports of a CommonJS module. */
  const isAdded = (name) => ['default', 'module.exports'].includes(name);

  for (const [entry, imported] of [['index', esm], ['fetch', esmFetch]]) {
    test(`gives require and import the same things, all typed: ${entry}`, () => {
      const cjs = require(entry === 'index' ? 'sluicegate' : `sluicegate/${entry}`);
      const names = Object.keys(cjs).sort();
      assert.deepEqual(Object.keys(imported).filter((name) => !isAdded(name)).sort(), names);
      for (const name of names) assert.equal(imported[name], cjs[name]);
      const typed = readFileSync(`${folder}${entry}.d.ts`, 'utf8').matchAll(/^export (?:class|function) (\w+)/gm);
      assert.deepEqual([...typed].map(([, name]) => name).sort(), names);
    });
  }

  const TABLE = JSON.parse(readFileSync(`${folder}../core/options.json`, 'utf8'));
  const camelCase = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  const DIALECTS = ['chat', 'responses', 'messages'];
  const PAIRS = DIALECTS.flatMap((client) => DIALECTS.map((upstream) => ({ client, upstream })));
  const takenBySome = (calls) => {
    const errors = calls.map((call) => {
      try {
        return void call();
      } catch (error) {
        return error;
      }
    });
    if (!errors.includes(undefined)) throw errors[0];
  };
  const TAKERS = {
    SseOptions: (options) => new SseParser(options),
    TranscoderOptions: (options) => takenBySome([{ client: 'images', upstream: 'responses' }, ...PAIRS].map((roles) => () => new esm.Transcoder({ ...roles, ...options }))),
    ImageOptions: (options) => new ImageExtractor(() => {}, options),
    RequestOptions: (options) => esm.normalizeRequest({}, {}, options),
    ContinuationOptions: (options) => new esm.Continuation('tenant', options),
    RouteOptions: (options) => new esm.Catalog().route('m', options),
    OtelOptions: (options) => esm.otelAttributes({ status: 'completed' }, options),
  };
  const SAMPLES = { text: [''], flag: [true, false], integer: [9], names: [['a']], tag_names: [['a']], keys: [['00'.repeat(32)]], context: [{}], messages: [{}, { no_details: { code: 'c', message: null } }], catalog: ['none', { models: [] }] };

  for (const [object, { groups }] of Object.entries(TABLE.objects)) {
    test(`takes every option of the table, in both spellings, and no other: ${object}`, () => {
      const take = TAKERS[object];
      for (const { name, type, values } of groups.flatMap((group) => TABLE.groups[group].options)) {
        for (const value of values ?? SAMPLES[type]) for (const spelt of [name, camelCase(name)]) take({ [spelt]: value });
        assert.throws(() => take({ [camelCase(name)]: -1 }), { code: 'invalid_option', path: name });
      }
      assert.throws(() => take({ noSuchOption: 1 }), { code: 'invalid_option', path: 'no_such_option' });
    });
  }

  test('works in a worker', async () => {
    const code = `
      const { SseParser } = require('sluicegate');
      require('node:worker_threads').parentPort.postMessage(new SseParser().feed(Buffer.from('data: 1\\n\\n')));`;
    const run = () =>
      new Promise((done, failed) => {
        new Worker(code, { eval: true }).on('message', done).on('error', failed);
      });
    const event = { event: 'message', data: '1', id: '' };
    assert.deepEqual(await Promise.all([run(), run()]), [[event], [event]]);
  });
});
