// fixtures/hostile: inputs made up to hurt give the same bytes as in Rust.
import assert from 'node:assert/strict';
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
import { collectGarbage, rows, sha256 } from '../cases.mjs';

/** Each character of a text is one byte; `{n}` is the number of the repetition. */
function bytes({ text, times = 1 }) {
  const repeated = Array.from({ length: times }, (_, nth) => text.replaceAll('{n}', nth)).join('');
  const data = Buffer.alloc(repeated.length);
  for (let at = 0; at < repeated.length; at += 1) data[at] = repeated.charCodeAt(at);
  return data;
}

/** All that was written, by its name, and the digest of each. */
class Written {
  all = {};

  add(name, data) {
    (this.all[name] ??= []).push(Buffer.from(data));
  }

  async digests() {
    const each = Object.entries(this.all).map(async ([name, pieces]) => [name, await sha256(Buffer.concat(pieces))]);
    return Object.fromEntries(await Promise.all(each));
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
  stream(pieces, options, written) {
    const { events, errors } = parse(pieces, options);
    written.add('events', events.map(({ event, data, id }) => `${event}\n${data}\n${id}\n`).join(''));
    const [chat, relay, collector] = [ChatTranscoder, ResponsesRelay, ResponseCollector].map((Verb) => new Verb(options));
    const images = new ImageExtractor(() => {}, options);
    written.add('chat', Buffer.concat([...pieces.map((piece) => chat.feed(piece)), chat.finish()]));
    written.add('relayed', Buffer.concat([...pieces.map((piece) => relay.feed(piece)), relay.finish()]));
    for (const piece of pieces) {
      collector.feed(piece);
      images.feed(piece);
    }
    images.finish();
    written.add('response', collector.finish());
    written.add('completion', collector.chatCompletion());
    for (const { outcomeJson } of [chat, relay, collector]) written.add('outcomes', outcomeJson);
    written.add('images', images.outcomeJson);
    return { errors, chat: ending(chat.outcome), relay: ending(relay.outcome) };
  },

  request(pieces, options, written) {
    const read = () => {
      const { body, changes } = normalizeRequest(Buffer.concat(pieces), 'codex', options);
      return { out: body, got: { changes: changes.length } };
    };
    const { out, got } = attempt(read, ({ code, offset }) => ({ out: code, got: { code, offset } }));
    written.add('body', out);
    return got;
  },

  failure(pieces, _, written) {
    const envelope = errorEnvelope({ body: Buffer.concat(pieces) });
    written.add('envelope', JSON.stringify(envelope));
    return { status: envelope.status, class: envelope.class };
  },
};

export const hostile = rows('hostile/cases.jsonl', async ({ kind = 'stream', input, options, prefixes = false, expect }) => {
  const data = Buffer.concat(input.map(bytes));
  for (const size of kind === 'stream' ? [data.length, 8191] : [data.length]) {
    const written = new Written();
    let got;
    for (let end = prefixes ? 0 : data.length; end <= data.length; end += 1) {
      const count = Math.ceil(end / size);
      const pieces = Array.from({ length: count }, (_, nth) => data.subarray(nth * size, Math.min((nth + 1) * size, end)));
      got = verbs[kind](pieces, options, written);
      if (end % 64 === 0) await collectGarbage();
    }
    assert.deepEqual({ ...got, sha256: await written.digests() }, expect, `chunks of ${size}`);
  }
});
