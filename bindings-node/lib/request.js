'use strict';
// Converts requests by the profile of a backend.
// Input: a client's request, and a profile. Output: the request to send, the changes, the context for the answer.
// State: in a Profile its rules.

const { attempt, document, isObject, optionalText, optionsJson, text, written } = require('./arguments.js');
const { chosen } = require('./chosen-catalog.js');
const native = require('./native.js');

/** The addon's object of a profile. */
let nativeOf;

class Profile {
  #native;

  static {
    nativeOf = (profile) => profile.#native;
  }

  constructor(profile = 'codex') {
    this.#native = compiled(profile);
  }

  get json() {
    return JSON.parse(this.#native.json);
  }

  headers(transport = 'http') {
    const options = optionsJson({ transport });
    return Object.fromEntries(attempt(() => this.#native.headers(options)));
  }

  static ofUpstream(upstream) {
    const name = text(upstream, 'upstream');
    if (!DEFAULTS.has(name)) DEFAULTS.set(name, new Profile(attempt(() => native.Profile.ofUpstream(name))));
    return DEFAULTS.get(name);
  }

  static forPath(path) {
    if (typeof path !== 'string') throw new TypeError('path must be a string');
    return native.Profile.forPath(path);
  }
}

function compiled(profile) {
  if (profile instanceof Profile) return nativeOf(profile);
  if (profile instanceof native.Profile) return profile;
  if (typeof profile === 'string') return named(profile);
  const json = written(profile);
  if (json === undefined) throw new TypeError('profile must be a name, an object or a Profile');
  return attempt(() => new native.Profile(json));
}

/** By upstream. */
const DEFAULTS = new Map();

/** The built-in ones, each read once: that costs more than most requests. */
const BUILT_IN = new Map();

function named(name) {
  if (!BUILT_IN.has(name)) BUILT_IN.set(name, attempt(() => native.Profile.named(name)));
  return BUILT_IN.get(name);
}

function convertRequest(body, options) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  const { client, upstream, profile, catalog, ...others } = options;
  const given = document(body, 'body');
  const [from, to] = [text(client ?? 'auto', 'client'), text(upstream, 'upstream')];
  const { own, asJson } = chosen(catalog);
  const json = optionsJson({ ...others, catalog: asJson });
  const rules = compiled(profile ?? Profile.ofUpstream(to));
  const request = attempt(() => rules.convertRequest(given, from, to, json, own));
  return { body: request.body, changes: JSON.parse(request.changes), context: JSON.parse(request.context) };
}

/** A function for a part; `name`: its member in a chat request. */
function converterOf(name, isPart) {
  return (value, options) => {
    if (!isPart(value)) throw new TypeError(`${name} must be what a request has there`);
    if (!isObject(options)) throw new TypeError('options must be an object');
    const { client, upstream, model, profile, tools, catalog, ...others } = options;
    const [from, to] = [text(client, 'client'), text(upstream, 'upstream')];
    const named = optionalText(model, 'model');
    const { own, asJson } = chosen(catalog);
    const json = optionsJson({ ...others, catalog: asJson });
    const declared = tools === undefined || tools === null ? null : JSON.stringify(tools);
    const rules = compiled(profile ?? Profile.ofUpstream(to));
    const part = attempt(() => native.convertPart(rules, name, JSON.stringify(value), declared, [from, to, named], json, own));
    return { value: JSON.parse(part.value), changes: JSON.parse(part.changes), context: JSON.parse(part.context) };
  };
}

const isTextOr = (isOther) => (value) => typeof value === 'string' || isOther(value);

const convertTools = converterOf('tools', Array.isArray);
const convertToolChoice = converterOf('tool_choice', isTextOr(isObject));
const convertMessages = converterOf('messages', isTextOr(Array.isArray));

function convertUsage(usage, from, to) {
  const json = isObject(usage) ? written(usage) : undefined;
  if (json === undefined) throw new TypeError('usage must be an object');
  const [read, wanted] = [text(from, 'from'), text(to, 'to')];
  return JSON.parse(attempt(() => native.convertUsage(json, read, wanted)));
}

function countTokens(body) {
  const given = document(body, 'body');
  return attempt(() => native.countTokens(given));
}

function isProbe(body) {
  const given = document(body, 'body');
  return attempt(() => native.isProbe(given));
}

function chatFields() {
  return JSON.parse(native.chatFields());
}

function messagesFields() {
  return JSON.parse(native.messagesFields());
}

module.exports = {
  Profile,
  chatFields,
  convertMessages,
  convertRequest,
  convertToolChoice,
  convertTools,
  convertUsage,
  countTokens,
  isProbe,
  messagesFields,
};
