'use strict';
// Extracts generated images while they arrive.
// Input: a body or frames with images. Output: the images, to a directory or a function.
// State: the addon's extractor; the first error of the function.

const { fileURLToPath } = require('node:url');
const { attempt, chunkBytes, eventJson, isPlain, optionsJson } = require('./arguments.js');
const native = require('./native.js');
const { Source } = require('./source.js');

/** Gives up the files of an extractor that are not complete. */
let close;

class ImageExtractor {
  #native;
  #sink;
  /** The function is being called: the addon's object is in use. */
  #isBusy = false;

  static {
    close = (extractor) => extractor.#free().close();
  }

  constructor(sink, options) {
    const json = optionsJson(options);
    this.#sink = typeof sink === 'function' ? sink : null;
    const directory = this.#sink === null ? directoryOf(sink) : null;
    this.#native = attempt(() => new native.ImageExtractor(json, directory));
  }

  feed(chunk) {
    const given = this.#own(chunkBytes(chunk));
    this.#drive((free, report) => free.feed(given, report));
  }

  feedEvent(frame) {
    const json = eventJson(frame);
    const given = typeof json === 'string' ? json : this.#own(json);
    this.#drive((free, report) => free.feedEvent(given, report));
  }

  finish() {
    this.#drive((free, report) => free.finish(report));
  }

  get outcome() {
    return JSON.parse(this.outcomeJson ?? 'null');
  }

  get outcomeJson() {
    const free = this.#free();
    return attempt(() => free.outcomeJson);
  }

  get envelope() {
    const free = this.#free();
    return JSON.parse(attempt(() => free.envelopeJson) ?? 'null');
  }

  get written() {
    const free = this.#free();
    return attempt(() => free.written).map(({ path, meta }) => ({ path, ...JSON.parse(meta) }));
  }

  /** Out of reach for the function, which could change or detach what the addon is reading. */
  #own(given) {
    return this.#sink === null ? given : new Uint8Array(given);
  }

  #free() {
    if (this.#isBusy) throw new Error('the sink must not use its extractor');
    return this.#native;
  }

  /** What the function throws first is thrown when the addon is done; meanwhile it costs one image. */
  #drive(call) {
    const free = this.#free();
    if (this.#sink === null) return attempt(() => call(free));
    const sink = this.#sink;
    let thrown = /** @type {{ error: unknown } | null} */ (null);
    const report = (kind, key, load) => {
      try {
        sink(eventOf(kind, key, load));
        return true;
      } catch (error) {
        thrown ??= { error };
        return false;
      }
    };
    try {
      this.#isBusy = true;
      attempt(() => call(free, report));
    } catch (error) {
      throw thrown === null ? error : thrown.error;
    } finally {
      this.#isBusy = false;
    }
  }
}

function directoryOf(sink) {
  if (typeof sink === 'string') return sink;
  if (sink instanceof URL) return fileURLToPath(sink);
  throw new TypeError('sink must be a directory (string or file URL) or a function');
}

function eventOf(kind, key, load) {
  if (kind === 'write') return { kind, key, data: load };
  return kind === 'finish' ? { kind, key, meta: JSON.parse(load) } : { kind, key };
}

async function images(source, sink, options) {
  const extractor = new ImageExtractor(sink, options);
  const input = new Source(source);
  let failure = null;
  const keep = (call) => {
    try {
      call();
    } catch (error) {
      failure ??= { error };
    }
  };
  try {
    for await (const chunk of input) {
      // The wrong type is not the sink's failure.
      const given = isPlain(chunk) ? eventJson(chunk) : chunkBytes(chunk, ', a plain object');
      keep(() => (isPlain(chunk) ? extractor.feedEvent(given) : extractor.feed(given)));
    }
    failure ??= input.failure;
    keep(() => extractor.finish());
  } finally {
    close(extractor);
    await input.close();
  }
  const { outcome, envelope, written } = extractor;
  return { outcome, envelope, written, error: failure === null ? null : failure.error };
}

module.exports = { ImageExtractor, images };
