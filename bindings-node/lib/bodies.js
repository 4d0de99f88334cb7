'use strict';
// Enters: a whole body, or how one begins. Leaves: what the addon makes of it. Kept: nothing.

const { attempt, bytes, optionalText } = require('./arguments.js');
const native = require('./native.js');

function imagesApi(response) {
  const given = typeof response === 'string' ? response : bytes(response, 'response');
  return attempt(() => native.imagesApi(given));
}

function lint(stream, profile) {
  const given = typeof stream === 'string' ? stream : bytes(stream, 'stream');
  const name = optionalText(profile, 'profile');
  return JSON.parse(attempt(() => native.lint(given, name)));
}

function contentType(isStream) {
  if (typeof isStream !== 'boolean') throw new TypeError('isStream must be a boolean');
  return native.contentType(isStream);
}

function isSse(firstBytes) {
  return native.isSse(bytes(firstBytes, 'firstBytes'));
}

module.exports = { imagesApi, lint, contentType, isSse };
