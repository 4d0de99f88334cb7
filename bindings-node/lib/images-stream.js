'use strict';
// Generated images as the Images API streams them.
// Input: upstream chunks of a Responses stream. Output: events of an Images API stream. State: a transcoder's.

const { isObject } = require('./arguments.js');
const { TransformerStream, drive } = require('./drive.js');
const { Transcoder } = require('./transcoders.js');

class ImagesTranscoder extends Transcoder {
  constructor(options = {}) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    super({ ...options, client: 'images', upstream: 'responses' });
  }
}

class ImagesTranscoderStream extends TransformerStream {
  constructor(options, ...strategies) {
    super(new ImagesTranscoder(options), ...strategies);
  }
}

const imagesSse = (source, options, hooks) => drive(source, ImagesTranscoder, options, hooks);

module.exports = { ImagesTranscoder, ImagesTranscoderStream, imagesSse };
