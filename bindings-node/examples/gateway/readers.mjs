// What reads an upstream's answer: objects of the library for each kind of client.
// Input: the upstream's answer, in chunks or frames. Output: the client's. State: those objects.
import { Collector, ImageExtractor, ImagesTranscoder, Transcoder, imagesApi, isSse } from 'sluicegate';
import { envelope as ownFailure } from './answers.mjs';
import { compactionResponse } from './compaction.mjs';

const NOTHING = new Uint8Array(0);
/** A larger answer is written anew from what was read of it. */
const MAX_AS_IS_BYTES = 64 * 1024 * 1024;

/** What makes the client's answer: `feed`, `feedEvent`, `finish`, `response`, `outcome`, `hasOutput`. */
export function readerFor({ client, dialect, isEdit }, upstream, isStream, options) {
  if (!isStream) return new Whole(client, dialect, upstream, options);
  return client === 'images' ? imagesReader(options, isEdit) : new Transcoder({ client: dialect, upstream, ...options });
}

/** Of the options that others have, too. */
function imagesReader({ model, context, created }, imageEdits) {
  return new ImagesTranscoder({ model, context, created, imageEdits });
}

/** The failure that an answer turned out to be, as an envelope, or null. */
export function failureOf({ outcome, envelope }) {
  const { failure, error } = outcome ?? {};
  return failure ? { ...failure, body: { error } } : (envelope ?? null);
}

/** For a client that asked for no stream: nothing is sent before all of it is known. */
class Whole {
  #client;
  #collector;
  #images;
  /** Chat of a chat server, which passes as it is. */
  #asIs;
  #bytes = 0;
  /** The answer was to be a compacted conversation, and is not. */
  #lacksCompaction = false;
  hasOutput = false;

  constructor(client, dialect, upstream, options) {
    this.#client = client;
    this.#collector = new Collector({ client: dialect, upstream, ...options });
    this.#images = client === 'images' ? new ImageExtractor(() => {}) : null;
    this.#asIs = client === 'chat' && upstream === 'chat' ? [] : null;
  }

  feed(chunk) {
    for (const consumer of [this.#collector, this.#images]) consumer?.feed(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_AS_IS_BYTES) this.#asIs = null;
    this.#asIs?.push(chunk);
    return NOTHING;
  }

  feedEvent(frame) {
    for (const consumer of [this.#collector, this.#images]) consumer?.feedEvent(frame);
    return NOTHING;
  }

  finish() {
    for (const consumer of [this.#collector, this.#images]) consumer?.finish();
    const asIs = Buffer.concat(this.#asIs ?? []);
    if (isSse(asIs) === false) return asIs;
    if (this.#client === 'chat') return this.#collector.finalCompletion();
    if (this.#client === 'compact') return this.#compacted();
    return this.#images === null ? this.response() : imagesApi(this.response());
  }

  #compacted() {
    const answer = compactionResponse(this.response());
    this.#lacksCompaction = answer === null;
    return answer ?? NOTHING;
  }

  response() {
    return this.#collector.finalResponse();
  }

  get outcome() {
    return this.#collector.outcome;
  }

  /** Without an image, or what was compacted, there is a failure. */
  get envelope() {
    if (this.#lacksCompaction) return ownFailure(502, 'the upstream did not compact the conversation');
    return this.#images?.envelope;
  }
}
