// fixtures/hostile/cases.jsonl: inputs made up to hurt give the same bytes as in Rust.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  ChatTranscoder,
  ImageExtractor,
  ResponseCollector,
  ResponsesRelay,
  SluicegateError,
  SseParser,
  errorEnvelope,
  normalizeRequest,
} from 'sluicegate';
import { collectGarbage, lines } from './cases.mjs';

const cases = lines(readFileSync(new URL('../../fixtures/hostile/cases.jsonl', import.meta.url))).map((line) => JSON.parse(line));

/** Each character of a text is one byte; `{n}` is the number of the repetition. */
function bytes({ text, times = 1 }) {
  const repeated = Array.from({ length: times }, (_, nth) => text.replaceAll('{n}', nth));
  return Buffer.from(repeated.join(''), 'latin1');
}

class Digests {
  all = {};

  add(name, data) {
    (this.all[name] ??= createHash('sha256')).update(data);
  }

  json() {
    return Object.fromEntries(Object.entries(this.all).map(([name, hash]) => [name, hash.digest('hex')]));
  }
}

/** The result, or what `failed` makes of the errors. */
function attempt(call, failed) {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    return failed(error);
  }
}

function parse(pieces, options) {
  const parser = new SseParser(options);
  const errors = [];
  const take = (call) =>
    attempt(call, (error) => {
      errors.push(...[error, ...error.further].map(({ code, offset }) => ({ code, offset })));
      return error.events;
    });
  const events = pieces.flatMap((piece) => take(() => parser.feed(piece)));
  return { events: events.concat(take(() => parser.finish())), errors };
}

function ending({ status, notes }) {
  const codes = notes.map(({ code }) => code);
  return { status, notes: codes.filter((code, nth) => code !== codes[nth - 1]).slice(0, 8) };
}

const verbs = {
  stream(pieces, options, digests) {
    const { events, errors } = parse(pieces, options);
    digests.add('events', events.map(({ event, data, id }) => `${event}\n${data}\n${id}\n`).join(''));
    const [chat, relay, collector] = [ChatTranscoder, ResponsesRelay, ResponseCollector].map((Verb) => new Verb(options));
    const images = new ImageExtractor(() => {}, options);
    digests.add('chat', Buffer.concat([...pieces.map((piece) => chat.feed(piece)), chat.finish()]));
    digests.add('relayed', Buffer.concat([...pieces.map((piece) => relay.feed(piece)), relay.finish()]));
    for (const piece of pieces) {
      collector.feed(piece);
      images.feed(piece);
    }
    images.finish();
    digests.add('response', collector.finish());
    digests.add('completion', collector.chatCompletion());
    for (const { outcomeJson } of [chat, relay, collector]) digests.add('outcomes', outcomeJson);
    digests.add('images', images.outcomeJson);
    return { errors, chat: ending(chat.outcome), relay: ending(relay.outcome) };
  },

  request(pieces, options, digests) {
    const read = () => {
      const { body, changes } = normalizeRequest(Buffer.concat(pieces), 'codex', options);
      return { out: body, got: { changes: changes.length } };
    };
    const { out, got } = attempt(read, ({ code, offset }) => ({ out: code, got: { code, offset } }));
    digests.add('body', out);
    return got;
  },

  failure(pieces, _, digests) {
    const envelope = errorEnvelope({ body: Buffer.concat(pieces) });
    digests.add('envelope', JSON.stringify(envelope));
    return { status: envelope.status, class: envelope.class };
  },
};

test('there are hostile cases', () => assert.ok(cases.length > 40));

for (const { name, kind = 'stream', input, options, prefixes = false, expect } of cases) {
  test(`hostile/${name}`, async () => {
    const data = Buffer.concat(input.map(bytes));
    for (const size of kind === 'stream' ? [data.length, 8191] : [data.length]) {
      const digests = new Digests();
      let got;
      for (let end = prefixes ? 0 : data.length; end <= data.length; end += 1) {
        const count = Math.ceil(end / size);
        const pieces = Array.from({ length: count }, (_, nth) => data.subarray(nth * size, Math.min((nth + 1) * size, end)));
        got = verbs[kind](pieces, options, digests);
        if (end % 64 === 0) await collectGarbage();
      }
      assert.deepEqual({ ...got, sha256: digests.json() }, expect, `chunks of ${size}`);
    }
  });
}
