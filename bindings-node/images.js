'use strict';
// Enters: a body or frames with generated images. Leaves: the images, to a directory or a function, while they arrive.
// Kept: the addon's extractor, and what the function threw.

const { fileURLToPath } = require('node:url');
const { attempt, bytes, optionsJson } = require('./convert.js');
const native = require('./native.js');
const { Source } = require('./source.js');

/** Gives up the files of an extractor that are not complete. */
let close;

class ImageExtractor {
  #native;
  #sink;

  static {
    close = (extractor) => extractor.#native.close();
  }

  constructor(sink, options) {
    const json = optionsJson(options);
    this.#sink = typeof sink === 'function' ? sink : null;
    const directory = this.#sink === null ? directoryOf(sink) : null;
    this.#native = attempt(() => new native.ImageExtractor(json, directory));
  }

  feed(chunk) {
    const given = this.#own(bytes(chunk, 'chunk'));
    this.#drive((tell) => this.#native.feed(given, tell));
  }

  feedEvent(frame) {
    const given = typeof frame === 'string' ? frame : this.#own(bytes(frame, 'frame'));
    this.#drive((tell) => this.#native.feedEvent(given, tell));
  }

  finish() {
    this.#drive((tell) => this.#native.finish(tell));
  }

  get outcome() {
    return JSON.parse(this.#native.outcomeJson ?? 'null');
  }

  get outcomeJson() {
    return this.#native.outcomeJson;
  }

  get written() {
    return this.#native.written.map(({ path, meta }) => ({ path, ...JSON.parse(meta) }));
  }

  /** Out of reach for the function, which could change or detach what the addon is reading. */
  #own(given) {
    return this.#sink === null ? given : new Uint8Array(given);
  }

  /** What the function throws first is thrown when the addon is done; meanwhile it costs one image. */
  #drive(call) {
    if (this.#sink === null) return attempt(() => call());
    const sink = this.#sink;
    let thrown = /** @type {{ error: unknown } | null} */ (null);
    const tell = (kind, key, load) => {
      try {
        sink(eventOf(kind, key, load));
        return true;
      } catch (error) {
        thrown ??= { error };
        return false;
      }
    };
    try {
      attempt(() => call(tell));
    } catch (error) {
      throw thrown === null ? error : thrown.error;
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
      const given = bytes(chunk, 'chunk'); // the wrong type is not the sink's failure
      keep(() => extractor.feed(given));
    }
    failure ??= input.failure;
    keep(() => extractor.finish());
  } finally {
    close(extractor);
    await input.close();
  }
  const { outcome, written } = extractor;
  return { outcome, written, error: failure === null ? null : failure.error };
}

module.exports = { ImageExtractor, images };
