'use strict';
const { SseParser, ChatTranscoder, SluicegateError } = require('./classes.js');
const { ChatTranscoderStream, chatSse } = require('./stream.js');

module.exports = { SseParser, ChatTranscoder, ChatTranscoderStream, chatSse, SluicegateError };
