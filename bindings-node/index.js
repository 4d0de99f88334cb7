'use strict';
const { contentType, imagesApi, isSse, lint } = require('./bodies.js');
const { SseParser, ChatTranscoder, ResponsesRelay, ResponsesTranscoder, ResponseCollector } = require('./classes.js');
const { collect } = require('./collect.js');
const { Continuation, MemoryStore } = require('./continuation.js');
const { SluicegateError } = require('./convert.js');
const { errorEnvelope, failureHeaders } = require('./failures.js');
const { ImageExtractor, images } = require('./images.js');
const { Profile, chatFields, chatToResponses, normalizeRequest, responsesToChat } = require('./requests.js');
const { RedisStore } = require('./redis.js');
const { Catalog } = require('./routes.js');
const {
  ChatTranscoderStream,
  ResponsesRelayStream,
  ResponsesTranscoderStream,
  chatSse,
  respondSse,
  responsesSse,
} = require('./stream.js');
const {
  Baseline,
  afterFailure,
  clientFrame,
  errorFrame,
  httpBody,
  wsRequest,
} = require('./websocket.js');

module.exports = {
  SseParser,
  ChatTranscoder,
  ChatTranscoderStream,
  chatSse,
  ResponsesRelay,
  ResponsesRelayStream,
  responsesSse,
  ResponsesTranscoder,
  ResponsesTranscoderStream,
  respondSse,
  ResponseCollector,
  collect,
  ImageExtractor,
  images,
  imagesApi,
  Profile,
  normalizeRequest,
  chatToResponses,
  responsesToChat,
  chatFields,
  errorEnvelope,
  failureHeaders,
  lint,
  Continuation,
  MemoryStore,
  RedisStore,
  Catalog,
  Baseline,
  wsRequest,
  httpBody,
  clientFrame,
  afterFailure,
  errorFrame,
  contentType,
  isSse,
  SluicegateError,
};
