'use strict';
const { contentType, imagesApi, isSse } = require('./bodies.js');
const { SseParser, ChatTranscoder, ResponsesRelay, ResponseCollector } = require('./classes.js');
const { collect } = require('./collect.js');
const { SluicegateError } = require('./convert.js');
const { ImageExtractor, images } = require('./images.js');
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
  ImageExtractor,
  images,
  imagesApi,
  contentType,
  isSse,
  SluicegateError,
};
