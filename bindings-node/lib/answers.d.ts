// What clients are given, as plain objects, by their dialects.
export * from './answers/chat.js';
export * from './answers/images.js';
export * from './answers/messages.js';
export * from './answers/responses.js';
