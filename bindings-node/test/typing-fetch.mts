// Compiled, never run: our fetch is typed for the client, and takes any fetch.
import type { IncomingMessage } from 'node:http';
import OpenAI from 'openai';
import { Continuation, MemoryStore, Profile, type Change, type Outcome } from 'sluicegate';
import {
  chatOverResponses,
  responsesOverChat,
  type ChatBackendOptions,
  type FetchLike,
  type TransportOptions,
} from 'sluicegate/fetch';
import type { fetch as UndiciFetch } from 'undici-types';

declare const undici: typeof UndiciFetch;
declare function nodeFetch(
  url: string | URL,
  init?: { method?: string; agent?: object },
): Promise<{ ok: boolean; status: number; headers: Map<string, string>; body: IncomingMessage }>;

const options: TransportOptions = {
  profile: new Profile('codex_v1'),
  request: { strict: true, origin: 'account-1' },
  continuation: new Continuation('tenant'),
  store: new MemoryStore(),
  onRequest: ({ changes }) => changes.forEach(({ path }: Change) => console.log(path)),
  onOutcome: ({ status }: Outcome) => console.log(status),
  reasoning: 'off',
  model: null,
};

export const clients: OpenAI[] = [fetch, undici, nodeFetch].map(
  (given: FetchLike) => new OpenAI({ fetch: chatOverResponses(given, options) }),
);

export async function ask(): Promise<string> {
  const send: typeof fetch = chatOverResponses(fetch);
  const response: Response = await send(new URL('http://test'), { signal: AbortSignal.timeout(1) });
  return response.text();
}

const other: ChatBackendOptions = { profile: 'chat', thinkTags: true, store: new MemoryStore() };

export const codex = new OpenAI({ fetch: responsesOverChat(undici, other) });

// @ts-expect-error an HTTP body has no frames
responsesOverChat(fetch, { framing: 'json_lines' });
// @ts-expect-error an unknown option
chatOverResponses(fetch, { profil: 'codex' });
// @ts-expect-error each request has its own
chatOverResponses(fetch, { previousResponseId: 'resp_1' });
// @ts-expect-error no such profile
chatOverResponses(fetch, { profile: 'codecs' });
// @ts-expect-error a fetch is needed
chatOverResponses();
// @ts-expect-error not one that answers something else
chatOverResponses(async () => 'text');
