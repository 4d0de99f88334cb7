// Named one by one: import cannot see the names of a CommonJS module that computes them.
import sluicegate from './index.js';

export const {
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
} = sluicegate;
