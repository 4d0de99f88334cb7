'use strict';
// The names of 0.1.0, each for one client and one upstream: Transcoder, Collector, transcode and convertRequest say the
// same for all. Input, output and state are theirs.

const { isObject } = require('./arguments.js');
const { TransformerStream, drive } = require('./drive.js');
const { pairOptions } = require('./pair-options.js');
const { convertRequest } = require('./request.js');
const { Collector, Transcoder } = require('./transcoders.js');

class ChatTranscoder extends Transcoder {
  constructor(options) {
    super({ ...checked(options), client: 'chat', upstream: 'responses' });
  }
}

/** It ignores options of chat clients. */
class ResponsesRelay extends Transcoder {
  constructor(options) {
    const { onEvent, on_event, frames, objects, ...rest } = checked(options);
    const own = pairOptions('responses', 'responses', rest);
    super({ ...own, onEvent: onEvent ?? on_event, frames, objects, client: 'responses', upstream: 'responses' });
  }
}

class ResponsesTranscoder extends Transcoder {
  constructor(options) {
    super({ ...checked(options), client: 'responses', upstream: 'chat' });
  }
}

class ResponseCollector extends Collector {
  constructor(options) {
    super({ ...checked(options), upstream: 'responses' });
  }

  finish() {
    super.finish();
    return this.finalResponse();
  }

  chatCompletion() {
    return this.finalCompletion();
  }
}

function checked(options = {}) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  return options;
}

class ChatTranscoderStream extends TransformerStream {
  constructor(options, ...strategies) {
    super(new ChatTranscoder(options), ...strategies);
  }
}

class ResponsesRelayStream extends TransformerStream {
  constructor(options, ...strategies) {
    super(new ResponsesRelay(options), ...strategies);
    this.relay = this.transcoder;
  }
}

class ResponsesTranscoderStream extends TransformerStream {
  constructor(options, ...strategies) {
    super(new ResponsesTranscoder(options), ...strategies);
  }
}

const chatSse = (source, options, hooks) => drive(source, ChatTranscoder, options, hooks);
const responsesSse = (source, options, hooks) => drive(source, ResponsesRelay, options, hooks);
const respondSse = (source, options, hooks) => drive(source, ResponsesTranscoder, options, hooks);

function normalizeRequest(body, profile, options) {
  return convertRequest(body, { ...checked(options), client: 'responses', upstream: 'responses', profile });
}

function chatToResponses(body, profile, options) {
  return convertRequest(body, { ...checked(options), client: 'chat', upstream: 'responses', profile });
}

function responsesToChat(body, profile, options) {
  return convertRequest(body, { ...checked(options), client: 'responses', upstream: 'chat', profile });
}

module.exports = {
  ChatTranscoder,
  ChatTranscoderStream,
  ResponseCollector,
  ResponsesRelay,
  ResponsesRelayStream,
  ResponsesTranscoder,
  ResponsesTranscoderStream,
  chatSse,
  chatToResponses,
  normalizeRequest,
  respondSse,
  responsesSse,
  responsesToChat,
};
