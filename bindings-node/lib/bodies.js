'use strict';
// Functions of a whole body, or of its first bytes.
// Input: a body. Output: what the addon makes of it. State: none.

const { attempt, bytes, optionalText } = require('./arguments.js');
const native = require('./native.js');
const { Page } = require('./page.js');

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
  return attempt(() => native.contentType(isStream));
}

function isSse(firstBytes) {
  const given = bytes(firstBytes, 'firstBytes');
  return attempt(() => native.isSse(given));
}

module.exports = { Page, imagesApi, lint, contentType, isSse };
