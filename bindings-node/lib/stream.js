'use strict';
// Translates a stream as it arrives.
// Input: a source of upstream chunks. Output: SSE bytes with a proper ending. State: one transcoder.

const { TransformerStream, drive } = require('./drive.js');
const { Transcoder } = require('./transcoders.js');

class TranscoderStream extends TransformerStream {
  constructor(options, ...strategies) {
    super(new Transcoder(options), ...strategies);
  }
}

function transcode(source, options, hooks) {
  return drive(source, Transcoder, options, hooks);
}

module.exports = { TranscoderStream, transcode };
