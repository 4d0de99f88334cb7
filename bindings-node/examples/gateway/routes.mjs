// What is served, and by which rules. A route more is a line more.
import { Profile } from 'sluicegate';

/**
 * `dialect`: what the client speaks, which is a class in readers.mjs; `isContinued`: it knows `previous_response_id`;
 * `hasWebSocket`: it can be asked over one.
 */
export const ROUTES = {
  '/v1/chat/completions': { dialect: 'chat', ...ruled('/v1/chat/completions') },
  '/v1/responses': { dialect: 'responses', isContinued: true, hasWebSocket: true, ...ruled('/v1/responses') },
  // The tool that makes images is the backend's; a /v1 route would reject it.
  '/v1/images/generations': { dialect: 'images', ...ruled('/backend-api/codex/responses') },
  '/backend-api/codex/responses': {
    dialect: 'responses', isContinued: true, hasWebSocket: true, ...ruled('/backend-api/codex/responses'),
  },
};

function ruled(path) {
  return { profile: new Profile(Profile.forPath(path)) };
}
