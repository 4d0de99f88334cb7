// What reads an upstream's answer: objects of the library for each kind of client.
// Input: the upstream's answer, in chunks or frames. Output: the client's. State: those objects.
import { Collector, ImageExtractor, Transcoder, imagesApi, isSse } from 'sluicegate';

const NOTHING = new Uint8Array(0);
/** A larger answer is written anew from what was read of it. */
const MAX_AS_IS_BYTES = 64 * 1024 * 1024;

/** What makes the client's answer: `feed`, `feedEvent`, `finish`, `response`, `outcome`, `hasOutput`. */
export function readerFor({ client, dialect }, upstream, isStream, options) {
  if (isStream) return new Transcoder({ client: dialect, upstream, ...options });
  return client === 'images' ? new Images(options) : new Whole(client, upstream, options);
}

/** The failure that an answer turned out to be, as an envelope, or null. */
export function failureOf({ outcome, envelope }) {
  const { failure, error } = outcome ?? {};
  return failure ? { ...failure, body: { error } } : (envelope ?? null);
}

/** For a client that asked for no stream: nothing is sent before all of it is known. */
class Whole {
  #collector;
  #isChat;
  /** Chat of a chat server, which passes as it is. */
  #asIs;
  #bytes = 0;
  hasOutput = false;

  constructor(client, upstream, options) {
    this.#isChat = client === 'chat';
    this.#collector = new Collector({ upstream, ...options });
    this.#asIs = this.#isChat && upstream === 'chat' ? [] : null;
  }

  feed(chunk) {
    this.#collector.feed(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_AS_IS_BYTES) this.#asIs = null;
    this.#asIs?.push(chunk);
    return NOTHING;
  }

  feedEvent(frame) {
    this.#collector.feedEvent(frame);
    return NOTHING;
  }

  finish() {
    this.#collector.finish();
    const asIs = Buffer.concat(this.#asIs ?? []);
    if (isSse(asIs) === false) return asIs;
    return this.#isChat ? this.#collector.finalCompletion() : this.response();
  }

  response() {
    return this.#collector.finalResponse();
  }

  get outcome() {
    return this.#collector.outcome;
  }
}

/** The Images API's answer. Without an image it is a failure, with the reason. */
class Images extends Whole {
  #extractor = new ImageExtractor(() => {});

  constructor(options) {
    super('images', 'responses', options);
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
    this.#extractor.finish();
    return imagesApi(super.finish());
  }

  get envelope() {
    return this.#extractor.envelope;
  }
}
