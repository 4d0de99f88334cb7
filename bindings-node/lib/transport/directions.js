'use strict';
// What the two fetch wrappers differ in.
// Input: the URL of a client's request. Output: where it goes, what converts it, what reads the answer. State: none.

const { readerOf, responderOf } = require('./answers.js');
const { chatToResponses, normalizeRequest, responsesToChat } = require('../request.js');

const [CHAT, RESPONSES] = ['/chat/completions', '/responses'];

/** Both dialects over an upstream that only streams `/responses`. */
const OVER_RESPONSES = {
  from: [CHAT, RESPONSES],
  to: RESPONSES,
  profile: 'codex',
  canUse: () => true,
  convert: (isChat, ...given) => (isChat ? chatToResponses : normalizeRequest)(...given),
  readerOf,
};

/** Responses over an upstream that only speaks chat, streamed or not. */
const OVER_CHAT = {
  from: [RESPONSES],
  to: CHAT,
  profile: 'chat',
  canUse: (profile) => profile.json.chat !== undefined,
  convert: (isChat, ...given) => responsesToChat(...given),
  readerOf: responderOf,
};

/**
 * Where a request goes, and the dialect of its answer, whatever the shape of its body; null for what passes through
 * untouched.
 */
function pathOf({ from, to }, method, url) {
  if (method !== 'POST' || !URL.canParse(url)) return null;
  const upstream = new URL(url);
  const end = from.find((path) => upstream.pathname.endsWith(path));
  if (end === undefined) return null;
  upstream.pathname = upstream.pathname.slice(0, -end.length) + to;
  return { upstream: upstream.href, isChat: end === CHAT };
}

module.exports = { OVER_CHAT, OVER_RESPONSES, pathOf };
