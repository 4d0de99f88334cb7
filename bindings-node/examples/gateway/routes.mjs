// What is served, by what the upstream speaks, and by which rules. A route more is a line more.
import { Profile, chatToResponses, normalizeRequest, responsesToChat } from 'sluicegate';

const CODEX = '/backend-api/codex/responses';
const RESPONSES = { isContinued: true, hasWebSocket: true };
const COMPACT = { isCompaction: true, isContinued: true };
const OF_CHAT = { profile: new Profile('chat'), convert: responsesToChat };

/**
 * `path`: what requests go to, under the upstream's URL. Of a route, `dialect`: what the client speaks, which is a class
 * in readers.mjs; `convert`: what makes its requests the upstream's; `isContinued`: it knows `previous_response_id`;
 * `hasWebSocket`: it can be asked over one; `isCompaction`: it asks to compact.
 */
export const APIS = {
  responses: {
    path: '/responses',
    routes: {
      '/v1/chat/completions': { dialect: 'chat', convert: chatToResponses, ...ruled('/v1/chat/completions') },
      '/v1/responses': { dialect: 'responses', convert: normalizeRequest, ...RESPONSES, ...ruled('/v1/responses') },
      '/v1/responses/compact': { dialect: 'compact', convert: normalizeRequest, ...COMPACT, ...ruled('/v1/responses') },
      // The tool that makes images is the backend's; a /v1 route would reject it.
      '/v1/images/generations': { dialect: 'images', convert: normalizeRequest, ...ruled(CODEX) },
      [CODEX]: { dialect: 'responses', convert: normalizeRequest, ...RESPONSES, ...ruled(CODEX) },
      [`${CODEX}/compact`]: { dialect: 'compact', convert: normalizeRequest, ...COMPACT, ...ruled(CODEX) },
    },
  },
  chat: {
    path: '/chat/completions',
    routes: {
      '/v1/chat/completions': { dialect: 'chat_as_is', ...OF_CHAT },
      '/v1/responses': { dialect: 'responses_of_chat', ...RESPONSES, ...OF_CHAT },
      '/v1/responses/compact': { dialect: 'compact_of_chat', ...COMPACT, ...OF_CHAT },
      [CODEX]: { dialect: 'responses_of_chat', ...RESPONSES, ...OF_CHAT },
      [`${CODEX}/compact`]: { dialect: 'compact_of_chat', ...COMPACT, ...OF_CHAT },
    },
  },
};

function ruled(path) {
  return { profile: new Profile(Profile.forPath(path)) };
}
