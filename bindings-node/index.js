'use strict';
const { contentType, imagesApi, isSse } = require('./bodies.js');
const { SseParser, ChatTranscoder, ResponsesRelay, ResponseCollector } = require('./classes.js');
const { collect } = require('./collect.js');
const { SluicegateError } = require('./convert.js');
const { errorEnvelope } = require('./failures.js');
const { ImageExtractor, images } = require('./images.js');
const { Profile, chatFields, chatToResponses, normalizeRequest } = require('./requests.js');
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
  Profile,
  normalizeRequest,
  chatToResponses,
  chatFields,
  errorEnvelope,
  contentType,
  isSse,
  SluicegateError,
};
