'use strict';
const { contentType, imagesApi, isSse } = require('./bodies.js');
const { SseParser, ChatTranscoder, ResponsesRelay, ResponseCollector } = require('./classes.js');
const { collect } = require('./collect.js');
const { Continuation, MemoryStore } = require('./continuation.js');
const { SluicegateError } = require('./convert.js');
const { errorEnvelope } = require('./failures.js');
const { ImageExtractor, images } = require('./images.js');
const { Profile, chatFields, chatToResponses, normalizeRequest } = require('./requests.js');
const { RedisStore } = require('./redis.js');
const { Catalog } = require('./routes.js');
const { ChatTranscoderStream, ResponsesRelayStream, chatSse, responsesSse } = require('./stream.js');
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
