import type {
  ChatOptions,
  Continuation,
  Normalized,
  Outcome,
  Profile,
  ProfileName,
  ProfileRules,
  RequestOptions,
  ResponsesOptions,
  Store,
} from './index.js';

/** What is called as fetch is: the global one, undici's, node-fetch, one's own around them. */
export type FetchLike = (input: any, init?: any) => Promise<ResponseLike>;

/** What is read of its answer; the chunks of `body` are bytes. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<unknown> | null;
}

/** What both directions know. A member that is null or undefined is as if left out. */
export interface CommonOptions {
  /** The rules of the backend. Default `codex`; of {@link responsesOverChat} `chat`. */
  profile?: ProfileName | ProfileRules | Profile | null;
  /** How requests are made to fit them. */
  request?: RequestOptions | null;
  /** For `previous_response_id` on a backend that stores nothing; goes with `store`. */
  continuation?: Continuation | null;
  /** Where that keeps conversations. */
  store?: Store | null;
  /** Called with each request as it is sent, with the list of changes. */
  onRequest?: ((normalized: Normalized) => void) | null;
  /** Called once with the outcome of each answer, if there is one: usage, notes, the error, of HTTP too. */
  onOutcome?: ((outcome: Outcome) => void) | null;
}

/**
 * Options of {@link chatOverResponses}. Besides these, those of a `ChatTranscoder`, but for `context` and
 * `previousResponseId`: each request has its own.
 */
export interface TransportOptions extends CommonOptions, Omit<ChatOptions, 'context' | 'previousResponseId'> {}

/** Options of {@link responsesOverChat}. Besides these, those of a `ResponsesTranscoder`, but for the same two. */
export interface ChatBackendOptions
  extends CommonOptions,
    Omit<ResponsesOptions, 'context' | 'previousResponseId' | 'frames'> {}

/**
 * A fetch for upstreams that only speak streaming `/responses`:
 * `new OpenAI({ baseURL, fetch: chatOverResponses(fetch, { profile: 'codex' }) })`.
 *
 * - `POST …/chat/completions` and `POST …/responses` go to `…/responses` under the same base URL, as requests that
 *   the profile's backend takes; anything else passes through untouched.
 * - Streams stay streams, read no further than the client reads; for `stream: false` they are collected. Aborting the
 *   signal or cancelling the body gives the upstream's up at once.
 * - A request that must not be sent is answered with its status and envelope, and so are the upstream's errors.
 * - A failure before any output becomes an HTTP error status. After output has started it is sent inside the stream, in
 *   the client's format. An answer that breaks off is such a failure.
 * - What `fetch` throws is thrown only where no answer began.
 * - A store that fails while it records costs the record, not the answer: the process gets a `SluicegateWarning`.
 *   Where it cannot be asked, a `SluicegateError` `store` is thrown.
 *
 * The answers are Responses of the global class. Of a Request whose path changes the parts that fetch defines are sent
 * on; a dispatcher or an agent is an option of the call, or of `fetch`. Wrong options throw here.
 */
export function chatOverResponses(
  fetch: FetchLike,
  options?: TransportOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A fetch for upstreams that only speak `/chat/completions`, for clients that speak Responses:
 * `new OpenAI({ baseURL, fetch: responsesOverChat(fetch) })`.
 *
 * `POST …/responses` goes to `…/chat/completions` under the same base URL; anything else, chat with it, passes through
 * untouched. Streams are asked for as streams, whole Responses as whole completions; an upstream that answers with the
 * other one is understood. Otherwise it behaves like {@link chatOverResponses}; a failure in a stream is
 * `response.failed`.
 */
export function responsesOverChat(
  fetch: FetchLike,
  options?: ChatBackendOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
