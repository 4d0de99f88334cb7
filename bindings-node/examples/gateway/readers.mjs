// What reads an upstream's answer, a class for each dialect.
// Input: the upstream's answer, in chunks or frames. Output: the client's. State: one reader of the library.
import { ChatTranscoder, ImageExtractor, ResponseCollector, ResponsesRelay, ResponsesTranscoder } from 'sluicegate';
import { errorEnvelope, imagesApi } from 'sluicegate';
import { compactionResponse } from './compaction.mjs';
import { newId } from './conversations.mjs';

const NOTHING = new Uint8Array(0);
const STREAMS = { chat: ChatTranscoder, responses: ResponsesRelay };

/** What makes the client's answer: `feed`, `feedEvent`, `finish`, `outcome`, `committed`. */
export function readerFor(dialect, isStream, options) {
  if (dialect === 'chat_as_is') return new AsIs(options);
  if (dialect === 'compact') return new Compacted(options);
  if (dialect === 'compact_of_chat') return new CompactedOfChat({ ...options, id: newId() });
  if (dialect === 'responses_of_chat') {
    // Chat servers leave ids out, or give every answer the same one; clients go on by it.
    const own = { ...options, id: newId() };
    return isStream ? new ResponsesTranscoder(own) : new WholeOfChat(own);
  }
  if (isStream) return new STREAMS[dialect](options);
  return dialect === 'images' ? new Images(options) : new Whole(dialect, options);
}

/** For a client that asked for no stream: nothing is sent before all of it is known. */
class Whole {
  #collector;
  #isChat;
  #response = null;
  committed = false;

  constructor(dialect, options) {
    this.#isChat = dialect === 'chat';
    this.#collector = new ResponseCollector(options);
  }

  feed(chunk) {
    this.#collector.feed(chunk);
    return NOTHING;
  }

  feedEvent(frame) {
    this.#collector.feedEvent(frame);
    return NOTHING;
  }

  finish() {
    this.#response = this.#collector.finish();
    return this.#isChat ? this.#collector.chatCompletion() : this.#response;
  }

  response() {
    return this.#response;
  }

  get outcome() {
    return this.#collector.outcome;
  }
}

/** The same of an upstream that speaks only chat. */
class WholeOfChat {
  #transcoder;
  committed = false;

  constructor(options) {
    this.#transcoder = new ResponsesTranscoder(options);
  }

  feed(chunk) {
    this.#transcoder.feed(chunk);
    return NOTHING;
  }

  feedEvent(frame) {
    this.#transcoder.feedEvent(frame);
    return NOTHING;
  }

  finish() {
    this.#transcoder.finish();
    return this.response();
  }

  response() {
    return this.#transcoder.response();
  }

  get outcome() {
    return this.#transcoder.outcome;
  }
}

/** The answer to a request to compact. Where nothing was compacted it is a failure. */
const compacting = (Base) =>
  class extends Base {
    #error = null;

    finish() {
      const answer = compactionResponse(super.finish());
      if (answer === null) this.#error = failureOf('the upstream did not compact the conversation', null);
      return answer ?? NOTHING;
    }

    get outcome() {
      const outcome = super.outcome;
      return this.#error === null || outcome?.failure ? outcome : { ...outcome, ...this.#error };
    }
  };

const CompactedOfChat = compacting(WholeOfChat);
const Compacted = compacting(
  class extends Whole {
    constructor(options) {
      super('responses', options);
    }
  },
);

/** Chat of a chat upstream: every byte as it came, read only for its outcome. One that is cut ends with an error. */
class AsIs {
  #seen;

  constructor(options) {
    this.#seen = new ResponsesTranscoder(options);
  }

  feed(chunk) {
    this.#seen.feed(chunk);
    return chunk;
  }

  /** Only a failure comes so. */
  feedEvent(frame) {
    this.#seen.feedEvent(frame);
    return new ChatTranscoder().feedEvent(frame);
  }

  finish() {
    const isOpen = this.outcome === null;
    this.#seen.finish();
    return isOpen && this.outcome.status === 'truncated' ? new ChatTranscoder().finish() : NOTHING;
  }

  get committed() {
    return this.#seen.committed;
  }

  get outcome() {
    return this.#seen.outcome;
  }
}

/** The Images API's answer. Without an image it is a failure, with the reason. */
class Images extends Whole {
  #extractor = new ImageExtractor(() => {});
  #error = null;

  constructor(options) {
    super('images', options);
  }

  feed(chunk) {
    this.#extractor.feed(chunk);
    return super.feed(chunk);
  }

  feedEvent(frame) {
    this.#extractor.feedEvent(frame);
    return super.feedEvent(frame);
  }

  finish() {
    const response = super.finish();
    this.#extractor.finish();
    const { images, errors, no_image: reason } = this.#extractor.outcome;
    if (images.length === 0) this.#error = noImage(reason ?? errors[0].code);
    return imagesApi(response);
  }

  get outcome() {
    const outcome = super.outcome;
    return this.#error === null || outcome?.failure ? outcome : { ...outcome, ...this.#error };
  }
}

function noImage(why) {
  return failureOf(`the upstream made no image: ${why}`, why);
}

function failureOf(message, code) {
  const error = { message, type: 'server_error', param: null, code };
  const { body, hint, ...failure } = errorEnvelope({ status: 502, body: { error } });
  return { error: body.error, failure };
}
