// The options that calls take. Generated from core/options.json by `make options`.
import type { Catalog, FailureText, MadeFailure, RequestContext } from '../index.js';

/**
 * Options of `SseParser`. A member that is null or undefined is as if left out; an unknown one or a wrong value throws
 * `invalid_option`.
 */
export interface SseOptions {
  /** Longest block in bytes. A longer one is skipped with the error `event_too_large`. Default 64 MiB. */
  maxEventBytes?: number | null;
  /** Replace invalid UTF-8 with U+FFFD, or drop the event with the error `invalid_utf8`. Default `replace`. */
  utf8?: 'replace' | 'strict' | null;
  /** Emit the last event although the blank line after it is missing. WHATWG drops it. Default off. */
  dispatchTail?: boolean | null;
}

/**
 * Options of `Transcoder` and `Collector`. A member that is null or undefined is as if left out; an unknown one or a
 * wrong value throws `invalid_option`.
 */
export interface TranscoderOptions {
  /** The model that the client asked for. Default: that of `context`. */
  model?: string | null;
  /**
   * Whose model name the answer carries: the client's or the upstream's. The other one is the fallback. Default:
   * `requested`; but a stream that stays in its dialect, and a body of it, keep the model as it was sent until this
   * option is set.
   */
  modelFrom?: 'requested' | 'served' | null;
  /**
   * Id of the answer, in place of the upstream's: for an upstream that repeats ids. Default: the upstream's id, with
   * `chatcmpl-` for a chat answer, `resp_` for a Response and `msg_` for a Message in place of its own prefix.
   */
  id?: string | null;
  /** Unix time in seconds, used where the upstream gives none. Default 0. */
  created?: number | null;
  /**
   * Pass `context` of the converted request. Tool names and call ids that were changed for the upstream are turned back
   * in the answer. It also stands in for `model`, `includeUsage` and `reasoningDetails` where they are not set.
   */
  context?: Partial<RequestContext> | null;
  /** The response that the client continues, where its request was expanded: a Response repeats it. */
  previousResponseId?: string | null;
  /** Longest event in bytes. A longer one is skipped and noted. Default 64 MiB. */
  maxEventBytes?: number | null;
  /**
   * Most that is kept of one answer for its final form, in bytes. The rest is dropped and noted. At its end several
   * times as much is held: see limits.md. Default 256 MiB.
   */
  maxResponseBytes?: number | null;
  /**
   * Codes and words of the failures that this library makes itself, in place of its own: `{"upstream_truncated":
   * {"code": "stream_incomplete", "message": "The stream was cut."}}`. Status and class stay. The names are in
   * errors.md.
   */
  messages?: { [failure in MadeFailure]?: FailureText | null } | null;
  /**
   * Accept `[DONE]` as a normal end where the terminal event or the finish reason is missing. Without it such a stream
   * counts as cut. Default off.
   */
  doneIsComplete?: boolean | null;
  /**
   * Give function calls item ids that begin with `fc_`, as some clients demand. Without it ids stay as sent. Default
   * off.
   */
  fcIds?: boolean | null;
  /**
   * Read text between tags such as `<think>` and `</think>` at the beginning of the content as reasoning; `open`: the
   * content begins inside of one. Default off.
   */
  thinkTags?: true | false | 'open' | null;
  /**
   * Names of the tags around reasoning in chat content. All are read, the first one is written. Default `think`,
   * `thinking`.
   */
  tagNames?: string[] | null;
  /**
   * Where reasoning goes. Chat: to the member `reasoning_content` (the default) or `reasoning`, or between `tags` in
   * the content. Responses: to a `summary` (the default), which every client shows, or to raw `text`. Messages: to
   * `thinking` blocks. `off` drops it. Default `default`.
   */
  reasoning?: 'default' | 'reasoning_content' | 'reasoning' | 'tags' | 'summary' | 'text' | 'off' | null;
  /**
   * What a completed answer has for usage where the upstream counted nothing: nothing, or `zeros`, for clients that
   * need the object. Default `upstream`.
   */
  usage?: 'upstream' | 'zeros' | null;
  /**
   * Write the calls in a call of `multi_tool_use.parallel`, which models make though nobody declared it, as calls of
   * their own: their ids are its id with `_1`, `_2`, …. A call that the client declared, or with anything else in it,
   * stays as it is; so does all that a relay passes on. Default off.
   */
  openParallelCalls?: boolean | null;
  /**
   * End the answer before the first of the stop sequences in `context.stop`: those that the client asked for and that
   * were removed from its request, since Responses has none. The finish reason is `stop`, to Messages `stop_sequence`
   * with the text; the note is `stop_applied`. Only text counts, and the upstream is read to its end, for its usage. A
   * relay leaves its text as it is. Default off.
   */
  applyStop?: boolean | null;
  /** The client's `stream_options.include_usage`: end the stream with a chunk that has the usage. Default off. */
  includeUsage?: boolean | null;
  /**
   * Write the usage that was asked for into the chunk with the finish reason, not into a chunk of its own. Default off.
   */
  usageInFinish?: boolean | null;
  /**
   * Begin the stream with a chunk that has the role and no text, as OpenAI does. Without it the first chunk of the
   * answer has the role. Default on.
   */
  includeRoleChunk?: boolean | null;
  /**
   * Write `text_completion` objects of the legacy Completions API, `/v1/completions`, streamed and whole. They have the
   * text of the answer alone: a refusal becomes text; reasoning (but with `tags`), calls, citations and images (but as
   * `markdown`) are left out. Each of these is noted. Default off.
   */
  legacyCompletions?: boolean | null;
  /**
   * Give reasoning items, encrypted ones too, as `reasoningDetails`, in one chunk at the end. A client that keeps them
   * with the message sends them back, and `chat_to_responses` makes the same items of them. On by itself where the
   * context has it: the request asked for it, or the profile. Default off.
   */
  reasoningDetails?: boolean | null;
  /**
   * Write calls of custom tools as functions with the arguments `{"input":"…"}`, as chat `custom` calls, or `raw`: as
   * functions whose arguments are the free text itself. Default: `custom` for tools that the client declared so, else
   * `function`.
   */
  customTools?: 'function' | 'custom' | 'raw' | null;
  /** Write partial images too, each with its own index. Default off. */
  partialImages?: boolean | null;
  /** Where the text of messages with the phase `commentary` goes. Default `content`. */
  commentary?: 'content' | 'reasoning' | null;
  /**
   * What is shown of calls that ran on the server: nothing, which is noted, or a line in the content, `[web_search]
   * query`. Default `omit`.
   */
  hostedCalls?: 'omit' | 'text' | null;
  /** Text between two messages, which share one content in chat. Default a blank line. */
  messageSeparator?: string | null;
  /**
   * Write generated images to `delta.images` as data URLs, or as Markdown into the content; `omit` drops and notes
   * them. To Messages, which has no images, `data_url` writes `[generated image]` and notes it. Default `data_url`.
   */
  images?: 'data_url' | 'markdown' | 'omit' | null;
  /**
   * The estimate of the input's tokens that `message_start` has, which clients show until the end. The true count is in
   * `message_delta`. Default 0.
   */
  inputTokens?: number | null;
  /**
   * Write reasoning that only its origin can read as a `redactedThinking` block. Without it: a `thinking` block without
   * text, with a signature. Default off.
   */
  redactedThinking?: boolean | null;
  /**
   * Name the events of an Images API stream `image_edit.…`, for a client that edits, and not `image_generation.…`. Of
   * an images transcoder alone. Default off.
   */
  imageEdits?: boolean | null;
  /** End the stream with `[DONE]`, as Open Responses does and OpenAI does not. Default off. */
  doneSentinel?: boolean | null;
  /**
   * Fill what Responses lack of the members that the Open Responses schema requires, from `context`, else with neutral
   * values; what is there stays. For a relay, too. Default: none, so that a relayed stream stays byte for byte as it
   * was sent.
   */
  conform?: 'open_responses' | null;
  /**
   * Keys of 32 bytes or more, in hexadecimal, for the summary of a compacted conversation (AES-256-GCM). The first one
   * seals; without keys the summary is readable, and marked as `unsealed`.
   */
  sealKeys?: string[] | null;
  /** Write SSE, or one JSON event per line, for WebSocket text frames. Default `sse`. */
  framing?: 'sse' | 'json_lines' | null;
}

/**
 * Options of `ImageExtractor`. A member that is null or undefined is as if left out; an unknown one or a wrong value
 * throws `invalid_option`.
 */
export interface ImageOptions {
  /**
   * Deliver partial images too, as they complete. Without it the last one counts, if no final image came. Default off.
   */
  partials?: boolean | null;
  /** Longest image in bytes, decoded. Default 256 MiB. */
  maxImageBytes?: number | null;
  /** Longest event in bytes, without the base64 of its images. Default 64 MiB. */
  maxEventBytes?: number | null;
}

/**
 * Options of `convertRequest`. A member that is null or undefined is as if left out; an unknown one or a wrong value
 * throws `invalid_option`.
 */
export interface RequestOptions {
  /**
   * How the request goes upstream. On a WebSocket a top-level `type: "response.create"` is kept, and so is
   * `previousResponseId`. Default `http`.
   */
  transport?: 'http' | 'websocket' | null;
  /** Reject a request of which anything would be removed that the client asked for. Default off. */
  strict?: boolean | null;
  /**
   * What to do with a `previousResponseId` that was not expanded, where the backend knows none. To drop it loses the
   * conversation. Default `reject`.
   */
  unresolvedPrevious?: 'reject' | 'drop' | null;
  /**
   * What to do with the reserved tokens of the Harmony format (`<|start|>`, `<|end|>`, …) in texts, which the Codex
   * backend answers with `invalid_prompt`: `escape` gives them full-width bars. Default `keep`.
   */
  harmony?: 'keep' | 'escape' | null;
  /** Keys that open summaries of compacted conversations in the history: those that sealed them, and older ones. */
  sealKeys?: string[] | null;
  /**
   * What is known of models: the bundled catalog, one of your own (a `Catalog`, or a `/models` document that is merged
   * over the bundled one), or `none`: no model rules. A request keeps to the rules of its model, such as its efforts; a
   * model that is not known has none. Default `bundled`.
   */
  catalog?: Catalog | Record<string, unknown> | 'bundled' | 'none' | null;
  /** The backend and account that this request goes to; never sent. */
  origin?: string | null;
  /** Where the reasoning in the request's history came from. Encrypted reasoning of another origin is dropped. */
  historyOrigin?: string | null;
  /**
   * The conversation that a Messages request belongs to, from a header such as `x-claude-code-session-id`: the key of
   * the upstream's cache. Default: the session in `metadata.user_id`.
   */
  session?: string | null;
}

/**
 * Options of `Continuation`. A member that is null or undefined is as if left out; an unknown one or a wrong value
 * throws `invalid_option`.
 */
export interface ContinuationOptions {
  /** Record answers to requests with `store: false` too. Default off. */
  recordUnstored?: boolean | null;
  /** How long a record lives, in seconds. Default 3600. */
  ttlS?: number | null;
  /**
   * What to do with an output whose call is neither in the history nor in the request: leave it to the profile, or fail
   * the turn and forget the response that it continues. Default `repair`.
   */
  orphans?: 'repair' | 'reject' | null;
  /**
   * Keys of 32 bytes or more, in hexadecimal, that authenticate records (HMAC-SHA-256). The first seals, all open;
   * without keys whoever can write to the store can forge a record.
   */
  macKeys?: string[] | null;
}

/**
 * Options of `Catalog.route` and `Catalog.routeRequest`. A member that is null or undefined is as if left out; an
 * unknown one or a wrong value throws `invalid_option`.
 */
export interface RouteOptions {
  /** How the client reaches the gateway; `ws` is short for `websocket`. Default `http`. */
  downstream?: 'http' | 'ws' | 'websocket' | null;
  /** Whether the upstream credentials work over a WebSocket. Default on. */
  authWs?: boolean | null;
  /** The types of the request's tools. */
  tools?: string[] | null;
  /**
   * The effort that the request asks for; without one, that of the model's name. Some models take tools on `/responses`
   * only, unless it is `none`.
   */
  effort?: string | null;
  /** Length of the request's body. */
  bodyBytes?: number | null;
  /** A WebSocket to this upstream was refused before, with the status 426. Default off. */
  httpLatched?: boolean | null;
}

/**
 * Options of `otelAttributes`. A member that is null or undefined is as if left out; an unknown one or a wrong value
 * throws `invalid_option`.
 */
export interface OtelOptions {
  /** `gen_ai.provider.name`. Default: by `serverAddress`, where that is known. */
  provider?: string | null;
  /** `server.address`: the upstream's host name. */
  serverAddress?: string | null;
  /** `gen_ai.request.model`: the model that the client asked for. */
  requestModel?: string | null;
  /** `gen_ai.request.stream`: the client asked for a stream. Default off. */
  stream?: boolean | null;
}

/** The older name of `TranscoderOptions`. */
export type ChatOptions = TranscoderOptions;

/** The older name of `TranscoderOptions`. */
export type ResponsesOptions = TranscoderOptions;
