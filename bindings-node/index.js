'use strict';
const { SseParser, ChatTranscoder, ResponsesRelay, ResponseCollector } = require('./classes.js');
const { collect } = require('./collect.js');
const { SluicegateError } = require('./convert.js');
const { ChatTranscoderStream, ResponsesRelayStream, chatSse, responsesSse } = require('./stream.js');

module.exports = {
  SseParser,
  ChatTranscoder,
  ChatTranscoderStream,
  chatSse,
  ResponsesRelay,
  ResponsesRelayStream,
  responsesSse,
  ResponseCollector,
  collect,
  SluicegateError,
};
