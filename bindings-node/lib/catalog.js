'use strict';
// The catalog of models, and how a request goes upstream.
// Input: what is known of models, and of a request. Output: a route. State: the catalog.

const { attempt, document, optionsJson, text } = require('./arguments.js');
const native = require('./native.js');

class Catalog {
  #native;

  constructor(json) {
    const given = json === undefined || json === null ? null : document(json, 'json');
    this.#native = attempt(() => new native.Catalog(given));
  }

  mergeLive(json) {
    const given = document(json, 'json');
    attempt(() => this.#native.mergeLive(given));
  }

  model(name) {
    return JSON.parse(this.#native.model(text(name, 'name')) ?? 'null');
  }

  toJson(shape = 'codex') {
    const given = text(shape, 'shape');
    return attempt(() => this.#native.toJson(given));
  }

  route(model, options) {
    const given = text(model, 'model');
    const json = optionsJson(options);
    return JSON.parse(attempt(() => this.#native.route(given, json)));
  }
}

module.exports = { Catalog };
