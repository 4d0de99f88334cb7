'use strict';
// The catalog of models, and how a request goes upstream.
// Input: what is known of models, and of a request. Output: a route. State: the catalog.

const { attempt, document, optionsJson, text } = require('./arguments.js');
const { natives } = require('./chosen-catalog.js');
const native = require('./native.js');

class Catalog {
  #native;

  constructor(json) {
    const given = json === undefined || json === null ? null : document(json, 'json');
    this.#native = attempt(() => new native.Catalog(given));
    natives.set(this, this.#native);
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

  diff(json) {
    const given = document(json, 'json');
    return JSON.parse(attempt(() => this.#native.diff(given)));
  }

  route(model, options) {
    const given = text(model, 'model');
    const json = optionsJson(options);
    return JSON.parse(attempt(() => this.#native.route(given, json)));
  }

  routeRequest(body, options) {
    const given = document(body, 'body');
    const json = optionsJson(options);
    const routed = attempt(() => this.#native.routeRequest(given, json));
    const asGiven = () => (typeof given === 'string' ? Buffer.from(given) : given);
    return { route: JSON.parse(routed.route), model: routed.model, body: routed.body ?? asGiven() };
  }
}

module.exports = { Catalog };
