/**
 * `sluicegate/fetch`: what stands in a client's HTTP transport.
 * @module sluicegate/fetch
 */
import type {
  Continuation,
  ConvertedRequest,
  Dialect,
  Outcome,
  Profile,
  ProfileName,
  ProfileRules,
  RequestOptions,
  Store,
  TranscoderOptions,
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

/**
 * Options of {@link wrapFetch}. Besides these, those of what reads the upstream's answers and writes the clients', but
 * for `context` and `previousResponseId`, because each request has its own, and for `framing`, which is no HTTP. A
 * member that is null or undefined is as if left out.
 */
export interface TransportOptions
  extends Omit<TranscoderOptions, 'context' | 'previousResponseId' | 'framing'> {
  /** The rules of the upstream. Default: those of `Profile.ofUpstream`. */
  profile?: ProfileName | ProfileRules | Profile | null;
  /** How requests are made to fit them. */
  request?: RequestOptions | null;
  /** For `previous_response_id` on a backend that stores nothing; goes with `store`. */
  continuation?: Continuation | null;
  /** Where that keeps conversations. */
  store?: Store | null;
  /** Called with each request before it is sent, with the list of changes; awaited. */
  onRequest?: ((request: ConvertedRequest) => void | Promise<void>) | null;
  /** Called once with the outcome of each answer, if there is one: usage, notes, the error, of HTTP too. */
  onOutcome?: ((outcome: Outcome) => void) | null;
}

/** The older name of {@link TransportOptions}. */
export type ChatBackendOptions = TransportOptions;

/**
 * A fetch for an upstream that speaks one dialect only:
 * `new OpenAI({ baseURL, fetch: wrapFetch(fetch, { upstream: 'responses' }) })`.
 *
 * - `upstream: 'responses'`, one that only streams `/responses`: `POST …/chat/completions`, `POST …/responses` and
 *   `POST …/messages` go there, under the same base URL, as requests that the upstream takes.
 * - `upstream: 'chat'`, a server that only speaks `/chat/completions`: `POST …/responses` and `POST …/messages` go there.
 *   Each answer has a random `id` of its own: chat servers leave ids out, or repeat them.
 * - `upstream: 'messages'`, a server of Anthropic's API: `POST …/chat/completions` and `POST …/responses` go there. Each
 *   answer has the time of its request: these servers give none.
 * - The client's key goes where the upstream reads it: `x-api-key` of Messages, else `authorization: Bearer`.
 * - Anything else passes through untouched.
 * - Streams stay streams, read no further than the client reads; for `stream: false` they are collected. Aborting the
 *   signal or cancelling the body gives the upstream's up at once.
 * - A request that must not be sent is answered with its status and envelope, and so are the upstream's errors, in the
 *   client's form.
 * - A failure before any output becomes an HTTP error status. After output has started it is sent inside the stream, in
 *   the client's format. An answer that breaks off is such a failure.
 * - What `fetch` throws is thrown only where no answer began.
 * - A store that fails while it records costs the record, not the answer: the process gets a `SluicegateWarning`.
 *   Where it cannot be asked, a `SluicegateError` `store` is thrown.
 *
 * The answers are Responses of the global class. Of a Request whose path changes the parts that fetch defines are sent
 * on; a dispatcher or an agent is an option of the call, or of `fetch`. Wrong options throw here.
 */
export function wrapFetch(
  fetch: FetchLike,
  options: { upstream: Dialect } & TransportOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** {@link wrapFetch} for a Responses upstream. */
export function chatOverResponses(
  fetch: FetchLike,
  options?: TransportOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** {@link wrapFetch} for a chat upstream. */
export function responsesOverChat(
  fetch: FetchLike,
  options?: TransportOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
