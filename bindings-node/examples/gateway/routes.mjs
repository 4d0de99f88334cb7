// What is served, by what the upstream speaks, and by which rules. A route more is a line more.
import { Profile } from 'sluicegate';

/** What requests go to, under the upstream's URL. */
export const ENDPOINTS = { responses: '/responses', chat: '/chat/completions' };

const CODEX = '/backend-api/codex/responses';

/** Path, what its clients speak, and the path whose rules hold: the tool that makes images is rejected on /v1. */
const ROUTES = {
  responses: [
    ['/v1/chat/completions', 'chat', '/v1/chat/completions'],
    ['/v1/responses', 'responses', '/v1/responses'],
    ['/v1/responses/compact', 'compact', '/v1/responses'],
    ['/v1/images/generations', 'images', CODEX],
    ['/v1/images/edits', 'images', CODEX],
    [CODEX, 'responses', CODEX],
    [`${CODEX}/compact`, 'compact', CODEX],
  ],
  chat: [
    ['/v1/chat/completions', 'chat'],
    ['/v1/responses', 'responses'],
    ['/v1/responses/compact', 'compact'],
    [CODEX, 'responses'],
    [`${CODEX}/compact`, 'compact'],
  ],
};

/**
 * By path: `client` is what the client speaks, `dialect` what its requests are, once an Images request is a Responses
 * request; `isContinued`: it goes on by `previous_response_id`; `hasWebSocket`: it may come over one; `isEdit`: its images
 * are edited.
 */
export function routesOver(api) {
  const route = ([path, client, rules]) => {
    const profile = rules ? new Profile(Profile.forPath(rules)) : Profile.ofUpstream(api);
    const dialect = client === 'chat' ? 'chat' : 'responses';
    const hasWebSocket = client === 'responses';
    const isContinued = hasWebSocket || client === 'compact';
    return [path, { client, dialect, profile, hasWebSocket, isContinued, isEdit: path.endsWith('/edits') }];
  };
  return Object.fromEntries(ROUTES[api].map(route));
}
