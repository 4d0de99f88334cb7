// What real clients asked, where there are recordings of it: converted for servers of each dialect, it is taken by the strict one,
// and what is lost on the way is known here. SLUICEGATE_RECORDINGS is their folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { convertRequest } from 'sluicegate';
import { wrongOf } from './chat-server.mjs';
import { check as checkMessages } from './messages-rules.mjs';
import { check as checkResponses } from './strict-rules.mjs';

const { SLUICEGATE_RECORDINGS: ROOT = '/nowhere' } = process.env;
const FOLDERS = [['requests', 'responses'], ['codex-0.171', 'responses'], ['messages/claude-code', 'messages']];

function* recorded() {
  for (const [folder, client] of FOLDERS.filter(([folder]) => existsSync(`${ROOT}/${folder}`))) {
    for (const name of readdirSync(`${ROOT}/${folder}`).filter((name) => /^(?!headers-).*\.json$/.test(name))) {
      const read = JSON.parse(readFileSync(`${ROOT}/${folder}/${name}`, 'utf8'));
      const { path = '', body = read } = client === 'messages' ? read : {};
      // Of a WebSocket: a frame that goes on with the last answer is no request of its own.
      const { type, generate, ...request } = body ?? {};
      const isAsked = client === 'messages' ? /\/messages(\?|$)/.test(path) : request.previous_response_id === undefined;
      if (isAsked && generate !== false) yield { name, client, request, headers: lower(read.headers) };
    }
  }
}

const lower = (headers = []) => Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));

/** Of each upstream, the profile, and what its server refuses of a request. */
const UPSTREAMS = {
  responses: { profile: 'codex', wrong: ({ body }) => checkResponses(body)?.body ?? null },
  chat: { profile: 'chat', wrong: ({ body }) => wrongOf(JSON.parse(body)) },
  messages: {
    profile: 'anthropic',
    wrong({ body }, given) {
      const headers = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01', ...given };
      return checkMessages(body, { headers, isSigned: (signature) => !signature.startsWith('sluicegate') })?.body ?? null;
    },
  },
};

/** What is left out, where and why. */
const LOST = {
  'messages for chat': [
    ['context_management', 'asks for nothing'],
    ['messages[N]', 'a message that says nothing'],
    ['messages[N].content[N]', 'signed by another server'],
    ['messages[N].content[N].cache_control', "no breakpoint in the backend's cache here, nor for others like it"],
    ['metadata', 'names the user to another API'],
    ['system[N]', 'differs in every conversation: nothing after it would be cached'],
    ['system[N].cache_control', "no breakpoint in the backend's cache here, nor for others like it"],
    ['tool_choice', 'there are no tools'],
    ['tools', 'no tool is left'],
    ['tools[N]', 'a chat server does not run it'],
    ['tools[N]', 'stands for tools that are not there'],
    ['tools[N].defer_loading', 'Responses has no place for it'],
    ['tools[N].max_uses', 'Responses has no place for it'],
  ],
  'messages for responses': [
    ['context_management', 'asks for nothing'],
    ['max_output_tokens', 'unsupported by the backend'],
    ['messages[N]', 'a message that says nothing'],
    ['messages[N].content[N]', 'signed by another server'],
    ['messages[N].content[N].cache_control', "no breakpoint in the backend's cache here, nor for others like it"],
    ['system[N]', 'differs in every conversation: nothing after it would be cached'],
    ['system[N].cache_control', "no breakpoint in the backend's cache here, nor for others like it"],
    ['tools[N]', 'stands for tools that are not there'],
    ['tools[N].defer_loading', 'Responses has no place for it'],
    ['tools[N].max_uses', 'Responses has no place for it'],
  ],
  'responses for chat': [
    ['client_metadata', 'not known to chat servers'],
    ['include', 'chat has none'],
    ['input[N]', 'chat has no form of it'],
    ['input[N]', 'the server takes no reasoning back'],
    ['input[N].internal_chat_message_metadata_passthrough', 'chat has no place for it'],
    ['input[N].tools[N].description', 'chat has no place for it'],
    ['input[N].tools[N].tools[N].defer_loading', 'chat has no place for it'],
    ['parallel_tool_calls', 'there are no tools'],
    ['prompt_cache_key', 'not known to chat servers'],
    ['reasoning.context', 'the server does not know it'],
    ['reasoning.summary', 'the server does not know it'],
    ['store', 'a chat server stores nothing'],
    ['text.verbosity', 'the server does not know it'],
    ['tool_choice', 'there are no tools'],
    ['tools', 'no tool is left'],
    ['tools[N]', 'a chat server does not run it'],
    ['tools[N].description', 'chat has no place for it'],
  ],
  'responses for messages': [
    ['client_metadata', 'not known to Messages servers'],
    ['include', 'Messages gives what there is'],
    ['input[N]', 'Messages has no form of it'],
    ['input[N]', 'no thinking that the server signed'],
    ['input[N].internal_chat_message_metadata_passthrough', 'Messages has no place for it'],
    ['input[N].tools[N].description', 'Messages has no place for it'],
    ['input[N].tools[N].tools[N].defer_loading', "no tool of the server's searches for it"],
    ['parallel_tool_calls', 'what is done anyway'],
    ['reasoning.context', 'Messages has none'],
    ['store', 'a Messages server stores nothing'],
    ['text.verbosity', 'Messages has none'],
    ['tool_choice', 'there is nothing to choose'],
    ['tools', 'no tool is left'],
    ['tools[N].description', 'Messages has no place for it'],
    ['tools[N].external_web_access', 'Messages has no place for it'],
    ['tools[N].search_content_types', 'Messages has no place for it'],
  ],
};

const seen = new Set();

function isKnown(pair, path, reason) {
  const row = (LOST[pair] ?? []).find(([where, why]) => where === path.replace(/\d+/g, 'N') && why === reason);
  seen.add(row);
  return row !== undefined;
}

describe('what real clients asked', { skip: !existsSync(`${ROOT}/requests`) }, () => {
  for (const { name, client, request, headers } of recorded()) {
    for (const [upstream, { profile, wrong }] of Object.entries(UPSTREAMS)) {
      test(`${name}, for ${upstream}`, () => {
        const converted = convertRequest(JSON.stringify(request), { client, upstream, profile });
        assert.equal(wrong({ ...converted, body: converted.body.toString() }, headers), null);
        for (const { action, path, reason } of converted.changes) {
          if (action === 'removed') assert.ok(isKnown(`${client} for ${upstream}`, path, reason), `${path}: ${reason}`);
        }
      });
    }
  }

  test('nothing else is listed here', () => {
    assert.deepEqual(Object.values(LOST).flat().filter((row) => !seen.has(row)), []);
  });
});
