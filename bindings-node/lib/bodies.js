'use strict';
// Functions of a whole body, of its first bytes, or of its outcome.
// Input: a body. Output: what the addon makes of it. State: none.

const { attempt, bytes, chunkBytes, document, isObject, optionalText, optionsJson, text, written } = require('./arguments.js');
const native = require('./native.js');
const { Page } = require('./page.js');

function imagesApi(response) {
  const given = document(response, 'response');
  return attempt(() => native.imagesApi(given));
}

function imagesRequest(body, hostModel) {
  const given = document(body, 'body');
  const model = text(hostModel, 'hostModel');
  return attempt(() => native.imagesRequest(given, model));
}

function otelAttributes(outcome, options) {
  const json = isObject(outcome) ? written(outcome) : undefined;
  if (json === undefined) throw new TypeError('outcome must be an Outcome');
  const known = optionsJson(options);
  return JSON.parse(attempt(() => native.otelAttributes(json, known)));
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
  const given = chunkBytes(firstBytes);
  return attempt(() => native.isSse(given));
}

module.exports = { Page, imagesApi, imagesRequest, lint, contentType, isSse, otelAttributes };
