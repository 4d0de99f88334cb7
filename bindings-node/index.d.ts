/**
 * The types of the package. What crosses the wire (outcomes, notes, contexts) is the same JSON in Rust, Python and Node, and
 * so in snake_case; options and arguments are in camelCase.
 * @module sluicegate
 */
import type { ChatEvent, ImagesEvent, MessageEvent as MessagesEvent, ResponseEvent } from './lib/answers.js';
import type {
  ContinuationOptions,
  ImageOptions,
  OtelOptions,
  RequestOptions,
  RouteOptions,
  SseOptions,
  TranscoderOptions,
} from './lib/options.js';

export type {
  ContinuationOptions,
  ImageOptions,
  OtelOptions,
  RequestOptions,
  RouteOptions,
  SseOptions,
  TranscoderOptions,
};
export type { ChatOptions, ResponsesOptions } from './lib/options.js';
export * from './lib/answers.js';

/** One dispatched event (WHATWG HTML §9.2.6). */
export interface SseEvent {
  /** The event type; `message` when the block named none. */
  event: string;
  /** The `data` lines, joined with LF. */
  data: string;
  /** The last event id in force: sticky over blocks. */
  id: string;
}

/** The next bytes of a stream, or the same as text, which is not cut inside a pair of surrogates. */
export type Chunk = Uint8Array | string;

/** A stream that is read: its chunks; plain objects among them are events without SSE framing, as of {@link Transcoder.feedEvent}. */
export type StreamSource = AsyncIterable<Chunk | object> | ReadableStream<Chunk | object>;

/** Incremental SSE parser: one per stream, any chunking, no I/O. */
export class SseParser {
  constructor(options?: SseOptions);
  /**
   * The events that `chunk` completes. All of the chunk is parsed even when a {@link SluicegateError} is thrown: its
   * `events` are all events of the chunk. Go on with the next chunk, or stop.
   */
  feed(chunk: Chunk): SseEvent[];
  /** Ends the stream; the event of an unterminated block under `dispatchTail`, else none. */
  finish(): SseEvent[];
  /** The last valid `retry` value, in milliseconds. */
  get retry(): number | null;
  /** The last `id` that a dispatched block set. */
  get lastEventId(): string;
  /** Bytes scanned plus bytes copied; at most twice the bytes fed. */
  get bytesTouched(): number;
}

/** Tokens billed, as in a chat completion. Absent members are those the upstream left out. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: {
    cached_tokens?: number;
    cache_write_tokens?: number;
    text_tokens?: number;
    image_tokens?: number;
    /** In an outcome only: chat has no place for it. */
    cache_write_tokens_details?: { ttl_30m?: number; ttl_12h?: number; ttl_5m?: number; ttl_1h?: number };
  };
  completion_tokens_details?: { reasoning_tokens?: number; text_tokens?: number; image_tokens?: number };
}

/** An error as clients of the OpenAI API know it. */
export interface ErrorBody {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
  /** Further members of the upstream's error object, if they are short: `plan_type`, `resets_at`, … */
  [member: string]: unknown;
}

/** What a failure asks for; docs/reference/codes.md has what to do about each. */
export type ErrorClass =
  | 'retryable'
  | 'rate_limited'
  | 'quota'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'context_length'
  | 'invalid_request'
  | 'content_policy'
  | 'overloaded'
  | 'truncated'
  | 'retry_without_reasoning'
  | 'retry_full_input'
  | 'use_websocket';

/** A failure that no upstream put into words: docs/errors.md has the code and the message of each. */
export type MadeFailure =
  | 'upstream_truncated'
  | 'event_too_large'
  | 'response_cancelled'
  | 'no_details'
  | 'no_message'
  | 'empty_body'
  | 'html_body'
  | 'image_failed'
  | 'wrong_dialect'
  | 'finish_reason'
  | 'no_usable_call'
  | 'no_summary';

/** What stands in place of the code and the message of a {@link MadeFailure}; what is not there stays. */
export interface FailureText {
  code?: string | null;
  message?: string | null;
}

/** How to answer a failure. */
export interface Failure {
  /** 400 to 599. */
  status: number;
  class: ErrorClass;
  /** When to come back, where the upstream named a time. */
  retry_after_ms: number | null;
}

/** Something that could not be represented, was repaired, or looked inconsistent. */
export interface Note {
  /** Stable; docs/reference/codes.md lists them. */
  code: string;
  /** JSON path in the final Response, where the thing is about one item; else empty. */
  path: string;
  detail: string;
}

/** The summary of a finished stream. Wire data, the same JSON in Rust, Python and Node: hence snake_case. */
export interface Outcome {
  status: 'completed' | 'incomplete' | 'failed' | 'truncated';
  /** Null when it failed or was cut. */
  finish_reason: 'stop' | 'tool_calls' | 'length' | 'content_filter' | null;
  /** From any terminal event, also a failed one. */
  usage: Usage | null;
  /** Why it failed. */
  error: ErrorBody | null;
  /** How to answer that while `committed` is false. */
  failure: Failure | null;
  /** The first response id seen. */
  response_id: string | null;
  /** The model that served the response. */
  model: string | null;
  /** The members of the last `codex.rate_limits` event, but for its type. */
  rate_limits: Record<string, unknown> | null;
  /** What the hosted tools of the response used, where the upstream tells. */
  tool_usage?: Record<string, unknown>;
  /** Which reasoning of the input the server dropped, and why, where it tells. */
  input_transformations?: Record<string, unknown>[];
  /** What the final Response was rebuilt from, because the terminal event was empty. */
  reconstructed: 'none' | 'items' | 'deltas';
  /** In order of appearance. */
  notes: Note[];
}

/**
 * The protocol of a client (who asked) or an upstream (who answers): `/chat/completions`, `/responses`, or `/messages` of
 * Anthropic's API.
 */
export type Dialect = 'chat' | 'responses' | 'messages';

/** What a client of a stream speaks: a dialect, or the Images API, of a Responses upstream. */
export type StreamClient = Dialect | 'images';

/** Of one stream: who asked, and who answers. */
export interface Roles<Client extends StreamClient = Dialect> {
  client: Client;
  upstream: Dialect;
}

/**
 * Types of upstream events, and what is called with the type and the data of each, before the call that reads them gives
 * anything. The type is the `type` of the JSON, else the SSE name; `message` where there is none, as in chat streams. What
 * the function throws is thrown by that call, and what the client must be sent comes with the next one.
 */
export type OnEvent = readonly [names: Iterable<string>, call: (name: string, data: string) => unknown];

/** What a host may ask for besides bytes; see docs/concepts/objects-and-events.md. */
export interface HostOptions<Frames extends boolean = boolean, Objects extends boolean = boolean> {
  onEvent?: OnEvent | null;
  /** Calls give a list of whole frames, which joined are the bytes. */
  frames?: Frames | null;
  /** Calls give a list with the object of each frame, null for `[DONE]`. */
  objects?: Objects | null;
}

/** The objects of a stream, by who asked; null is `[DONE]`. Of a client that is not known when it compiles, anything. */
export type ObjectOf<Client extends StreamClient> = [Dialect] extends [Client]
  ? any
  : { chat: ChatEvent | null; responses: ResponseEvent; messages: MessagesEvent; images: ImagesEvent }[Client];

/** What calls give, by these options. */
export type Given<Frames extends boolean, Objects extends boolean, Client extends StreamClient = Dialect> = Objects extends true
  ? ObjectOf<Client>[]
  : Frames extends true
    ? Uint8Array[]
    : Uint8Array;

/**
 * Translates one stream of the upstream's dialect into the client's, the same bytes for any chunking. The same dialect
 * twice passes the stream on byte for byte, but for names and ids that the request changed, with exactly one sound end.
 *
 * Bad data inside the stream is no error here: it is skipped and noted, a failure is written in the client's form, and
 * `outcome` has what happened. What is returned is a Buffer, empty when there is nothing to send.
 */
export class Transcoder<Frames extends boolean = false, Objects extends boolean = false, Client extends StreamClient = Dialect> {
  /** An option that neither side has throws `invalid_option`. */
  constructor(options: Roles<Client> & TranscoderOptions & HostOptions<Frames, Objects>);
  /** Takes the next bytes or text of the upstream body; what the client must be sent now, possibly nothing. */
  feed(chunk: Chunk): Given<Frames, Objects, Client>;
  /**
   * Takes one event without SSE framing: a WebSocket text frame, or one chat chunk. It is JSON, or the object that
   * `JSON.parse` makes of it; or `[DONE]`, which ends a chat stream.
   */
  feedEvent(frame: string | Uint8Array | object): Given<Frames, Objects, Client>;
  /**
   * Takes one finished body of the upstream's dialect as it is: a Response, a completion, a Message; an event stream is
   * read too. With the `status` of a failure it is that failure, as {@link errorEnvelope} reads it; so is a body that is no
   * JSON object. It must be the only input, or this throws `document_not_alone`; `finish` follows.
   */
  feedDocument(body: string | Uint8Array | object, options?: { status?: number | null }): Given<Frames, Objects>;
  /**
   * Ends the stream; without an end of its own that is a failure in the client's form: the error frame and `[DONE]`,
   * `response.failed` with what had arrived, or the event `error` of Messages.
   */
  finish(): Given<Frames, Objects, Client>;
  /**
   * For Responses clients the final Response as JSON, for one that asked for no stream, and to be recorded; null before
   * the end, and for other clients. One that failed says so and has what had arrived: see `outcome` before using it.
   */
  response(): Uint8Array | null;
  /** The id of the answer, as the outcome will have it; null while it is not known. */
  get responseId(): string | null;
  /** What the answer has taken so far, as the upstream last counted; null while it did not. */
  get usage(): Usage | null;
  /** What to do about the failure that the answer turned out to be, from when it is known; else null. */
  get failure(): Failure | null;
  /** The summary of the stream; null before its end or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
  /** Whether anything but a failure was written; before, the HTTP status can still be chosen. */
  get hasOutput(): boolean;
  /** The older name of `hasOutput`. */
  get committed(): boolean;
  /**
   * What to send while the upstream is silent, between any two results: to a client of Messages the event `ping`, once
   * its message began; else a {@link Transcoder.heartbeat}.
   */
  ping(block?: boolean): Uint8Array;
  /**
   * A comment to send while the upstream is silent, between any two results. The line form is the one that every
   * official client survives; `block` adds the blank line that some proxies wait for.
   */
  static heartbeat(block?: boolean): Uint8Array;
}

/**
 * Reads one stream of the upstream's dialect and gives the body of any client: for clients that asked `stream: false` of
 * an upstream that only streams. Bad data and `outcome` are as with a {@link Transcoder}.
 */
export class Collector {
  /**
   * `client`: the only one that is to have a body; its dialect's alone is there, and `outcome` notes what that body does not
   * have. Default: the bodies of all.
   */
  constructor(options: { upstream: Dialect; client?: Dialect | null; onEvent?: OnEvent | null } & TranscoderOptions);
  /** Takes the next bytes of the upstream body. */
  feed(chunk: Chunk): void;
  /** Takes one event as {@link Transcoder.feedEvent} does. */
  feedEvent(frame: string | Uint8Array | object): void;
  /** Takes one finished body as {@link Transcoder.feedDocument} does. */
  feedDocument(body: string | Uint8Array | object, options?: { status?: number | null }): void;
  /** Ends the stream. */
  finish(): void;
  /**
   * The final Response as JSON, however the stream ended; null before `finish`. One that failed keeps its status and
   * error; one that was cut has what had arrived; where nothing but an error came it is the error envelope. See
   * `outcome` before using it.
   */
  finalResponse(): Uint8Array | null;
  /**
   * The chat completion as JSON, or the error envelope of an answer that failed or was cut; null before `finish`. It is
   * the fold of what a {@link Transcoder} for a chat client with the same options gives.
   */
  finalCompletion(): Uint8Array | null;
  /**
   * The Message of Anthropic's API as JSON, or the error body of an answer that failed or was cut; null before `finish`.
   * Of a Messages upstream it is its own, block by block.
   */
  finalMessage(): Uint8Array | null;
  /**
   * What it would be if the stream ended here: a collector of its own that has ended, while this one goes on. It copies
   * what has been kept of the answer.
   */
  snapshot(): Collector;
  /** The id of the answer, as the outcome will have it; null while it is not known. */
  get responseId(): string | null;
  /** What the answer has taken so far, as the upstream last counted; null while it did not. */
  get usage(): Usage | null;
  /** What to do about the failure that the answer turned out to be, from when it is known; else null. */
  get failure(): Failure | null;
  /** The summary of the stream; null before its end or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
}

/** A {@link Transcoder} for a chat client of a Responses upstream. */
export class ChatTranscoder<Frames extends boolean = false, Objects extends boolean = false> extends Transcoder<
  Frames,
  Objects,
  'chat'
> {
  constructor(options?: TranscoderOptions & HostOptions<Frames, Objects>);
}

/** A {@link Transcoder} for a Responses client of a Responses upstream; it ignores options of chat clients. */
export class ResponsesRelay<Frames extends boolean = false, Objects extends boolean = false> extends Transcoder<
  Frames,
  Objects,
  'responses'
> {
  constructor(options?: TranscoderOptions & HostOptions<Frames, Objects>);
}

/** A {@link Transcoder} for a Responses client of a chat upstream. */
export class ResponsesTranscoder<Frames extends boolean = false, Objects extends boolean = false> extends Transcoder<
  Frames,
  Objects,
  'responses'
> {
  constructor(options?: TranscoderOptions & HostOptions<Frames, Objects>);
}

/**
 * A {@link Transcoder} for a client of the Images API that asked for a stream, of a Responses upstream. Each partial image is
 * an event as it comes, each finished one when it is known whether it is the last: that one has the usage. An answer without
 * an image is a failure, with the reason for its code. Options are those of the Responses reader and the Images writer.
 */
export class ImagesTranscoder<Frames extends boolean = false, Objects extends boolean = false> extends Transcoder<
  Frames,
  Objects,
  'images'
> {
  constructor(options?: TranscoderOptions & HostOptions<Frames, Objects>);
}

/** What a {@link Tee} has for each client: bytes, frames or objects. */
export interface TeeOutput<Frames extends boolean = false, Objects extends boolean = false> {
  /** As of a {@link ChatTranscoder}; empty without `chat`. */
  chat: Given<Frames, Objects, 'chat'>;
  /** As of a {@link ResponsesRelay}; empty without `relay`. */
  responses: Given<Frames, Objects, 'responses'>;
}

/**
 * Several consumers of one Responses stream, each event parsed once for all of them: `chat`, a {@link ChatTranscoder};
 * `relay`, a {@link ResponsesRelay}; `collect`, a {@link ResponseCollector}. The options are those of each.
 */
export class Tee<Frames extends boolean = false, Objects extends boolean = false> {
  constructor(options?: { chat?: boolean; relay?: boolean; collect?: boolean } & TranscoderOptions & HostOptions<Frames, Objects>);
  /** Takes the next bytes of the upstream body; what each client must be sent now. */
  feed(chunk: Chunk): TeeOutput<Frames, Objects>;
  /** Takes one event as {@link Transcoder.feedEvent} does. */
  feedEvent(frame: string | Uint8Array | object): TeeOutput<Frames, Objects>;
  /** Ends the stream. */
  finish(): TeeOutput<Frames, Objects>;
  /** With `collect`, as {@link Collector.finalResponse}. */
  finalResponse(): Uint8Array | null;
  /** With `collect`, as {@link Collector.finalCompletion}. */
  finalCompletion(): Uint8Array | null;
  /** The id of the answer, as the outcome will have it; null while it is not known. */
  get responseId(): string | null;
  /** What the answer has taken so far, as the upstream last counted; null while it did not. */
  get usage(): Usage | null;
  /** What to do about the failure that the answer turned out to be, from when it is known; else null. */
  get failure(): Failure | null;
  /** The summary of the stream; null before its end or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
}

/** A {@link Collector} for a Responses upstream. */
export class ResponseCollector {
  constructor(options?: TranscoderOptions & { onEvent?: OnEvent | null });
  feed(chunk: Chunk): void;
  feedEvent(frame: string | Uint8Array | object): void;
  feedDocument(body: string | Uint8Array | object, options?: { status?: number | null }): void;
  /** Ends the stream; {@link Collector.finalResponse}. */
  finish(): Uint8Array;
  finalResponse(): Uint8Array | null;
  finalCompletion(): Uint8Array | null;
  finalMessage(): Uint8Array | null;
  /** {@link Collector.finalCompletion}. */
  chatCompletion(): Uint8Array | null;
  /** {@link Collector.snapshot}. */
  snapshot(): Collector;
  get responseId(): string | null;
  get usage(): Usage | null;
  get failure(): Failure | null;
  get outcome(): Outcome | null;
  get outcomeJson(): string | null;
}

/**
 * `response.body.pipeThrough(new TranscoderStream({ client, upstream }))`. The end of the source is the end of the
 * stream, so a source that just stops ends in a failure. A source that *fails* errors the readable side, as in every
 * TransformStream, and the client gets no ending: for that there is {@link transcode}. A source that goes on after the end
 * of its answer, or is none, is cancelled.
 */
export class TranscoderStream<Frames extends boolean = false, Objects extends boolean = false, Client extends StreamClient = Dialect> extends TransformStream<
  Chunk | object,
  Given<Frames, Objects, Client>
> {
  constructor(
    options: Roles<Client> & TranscoderOptions & HostOptions<Frames, Objects>,
    writableStrategy?: QueuingStrategy,
    readableStrategy?: QueuingStrategy<Given<Frames, Objects, Client>>,
  );
  /** For `outcome`, `hasOutput` and `response`. */
  readonly transcoder: Transcoder<Frames, Objects, Client>;
}

/** A {@link TranscoderStream} for a chat client of a Responses upstream. */
export class ChatTranscoderStream<Frames extends boolean = false, Objects extends boolean = false> extends TransformStream<
  Chunk | object,
  Given<Frames, Objects, 'chat'>
> {
  constructor(
    options?: TranscoderOptions & HostOptions<Frames, Objects>,
    writableStrategy?: QueuingStrategy,
    readableStrategy?: QueuingStrategy<Given<Frames, Objects, 'chat'>>,
  );
  readonly transcoder: ChatTranscoder<Frames, Objects>;
}

/** A {@link TranscoderStream} for a Responses client of a Responses upstream. */
export class ResponsesRelayStream<Frames extends boolean = false, Objects extends boolean = false> extends TransformStream<
  Chunk | object,
  Given<Frames, Objects, 'responses'>
> {
  constructor(
    options?: TranscoderOptions & HostOptions<Frames, Objects>,
    writableStrategy?: QueuingStrategy,
    readableStrategy?: QueuingStrategy<Given<Frames, Objects, 'responses'>>,
  );
  readonly relay: ResponsesRelay<Frames, Objects>;
}

/** A {@link TranscoderStream} for a Responses client of a chat upstream. */
export class ResponsesTranscoderStream<Frames extends boolean = false, Objects extends boolean = false> extends TransformStream<
  Chunk | object,
  Given<Frames, Objects, 'responses'>
> {
  constructor(
    options?: TranscoderOptions & HostOptions<Frames, Objects>,
    writableStrategy?: QueuingStrategy,
    readableStrategy?: QueuingStrategy<Given<Frames, Objects, 'responses'>>,
  );
  readonly transcoder: ResponsesTranscoder<Frames, Objects>;
}

/** A {@link TranscoderStream} for a client of the Images API. */
export class ImagesTranscoderStream<Frames extends boolean = false, Objects extends boolean = false> extends TransformStream<
  Chunk | object,
  Given<Frames, Objects, 'images'>
> {
  constructor(
    options?: TranscoderOptions & HostOptions<Frames, Objects>,
    writableStrategy?: QueuingStrategy,
    readableStrategy?: QueuingStrategy<Given<Frames, Objects, 'images'>>,
  );
  readonly transcoder: ImagesTranscoder<Frames, Objects>;
}

/**
 * The upstream's stream in, the client's out. Only non-empty bytes are yielded, as they arrive.
 *
 * - Arguments are checked by the call, before the first chunk is read.
 * - A source that fails is a cut stream: the client still gets a proper ending (error frame and `[DONE]`, or
 *   `response.failed`; nothing more if the terminal event had come), then the error of the source is thrown. Whoever
 *   reads ahead, like `Readable.from`, must send what it holds before it acts on the error.
 * - Closing the generator (`break`, `return()`) gives the source up, without an ending. A ReadableStream is cancelled
 *   and a Node stream destroyed at once, even while it is silent; another async iterable when it has given its next
 *   chunk.
 * - `onOutcome` is called once, at the end, if there is an outcome: not when the consumer left before the terminal
 *   event.
 * - `frames` and `objects` yield lists. What `onEvent` throws cuts nothing: the first is thrown after the end of the stream.
 */
export function transcode<Frames extends boolean = false, Objects extends boolean = false, Client extends StreamClient = Dialect>(
  source: StreamSource,
  options: Roles<Client> & TranscoderOptions & HostOptions<Frames, Objects>,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Given<Frames, Objects, Client>, void, unknown>;

/** {@link transcode} for a chat client of a Responses upstream. */
export function chatSse<Frames extends boolean = false, Objects extends boolean = false>(
  source: StreamSource,
  options?: TranscoderOptions & HostOptions<Frames, Objects>,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Given<Frames, Objects, 'chat'>, void, unknown>;

/** {@link transcode} for a client of the Images API. */
export function imagesSse<Frames extends boolean = false, Objects extends boolean = false>(
  source: StreamSource,
  options?: TranscoderOptions & HostOptions<Frames, Objects>,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Given<Frames, Objects, 'images'>, void, unknown>;

/** {@link transcode} for a Responses client of a Responses upstream. */
export function responsesSse<Frames extends boolean = false, Objects extends boolean = false>(
  source: StreamSource,
  options?: TranscoderOptions & HostOptions<Frames, Objects>,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Given<Frames, Objects, 'responses'>, void, unknown>;

/** {@link transcode} for a Responses client of a chat upstream. */
export function respondSse<Frames extends boolean = false, Objects extends boolean = false>(
  source: StreamSource,
  options?: TranscoderOptions & HostOptions<Frames, Objects>,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Given<Frames, Objects, 'responses'>, void, unknown>;

/** What {@link collect} gives. */
export interface Collected {
  /** The final Response as JSON: {@link Collector.finalResponse}. */
  response: Uint8Array;
  /** The chat completion as JSON: {@link Collector.finalCompletion}. */
  completion: Uint8Array;
  /** The summary of the stream; to be read before the other two are used. */
  outcome: Outcome;
  /** What the source failed with; null when it did not fail. */
  error: unknown | null;
}

/**
 * Reads all of a stream into one JSON object, of either kind. Default upstream: `responses`.
 *
 * A source that fails is a cut stream, and that is no exception: the outcome is `truncated` (unless the terminal
 * event had come), `error` holds what the source threw. The promise is rejected for wrong arguments and for a chunk
 * that is none; the source is given up then.
 */
export function collect(
  source: StreamSource,
  options?: { upstream?: Dialect; onEvent?: OnEvent | null } & TranscoderOptions,
): Promise<Collected>;

/** What is known of one image. Wire data, as an {@link Outcome}. */
export interface ImageMeta {
  /** The first id its item had. */
  item_id: string | null;
  /** Its item's place in the response, where an event named it. */
  output_index: number | null;
  /** A preview: more were due, or this is what there was when the stream ended. */
  partial: boolean;
  /** Which preview it is. */
  partial_index: number | null;
  /** By magic bytes, else by `output_format`, else `application/octet-stream`. */
  mime: string;
  /** Decoded size. */
  bytes: number;
  /** The prompt as the model rewrote it; at most 32 KiB of it. */
  revised_prompt: string | null;
  /** As the upstream declared it; so are the next three. */
  output_format: string | null;
  size: string | null;
  quality: string | null;
  background: string | null;
}

/** An image that was announced or begun and is not there. */
export interface ImageError {
  code:
    | 'image_failed'
    | 'image_empty'
    | 'bad_base64'
    | 'image_too_large'
    | 'invalid_json'
    | 'event_too_large'
    | 'limit_exceeded'
    | 'sink';
  item_id: string | null;
  output_index: number | null;
  /** It was a partial image. */
  partial: boolean;
  /** `bad_base64`: of the character in the base64 text. `invalid_json`: of the byte in the event's data. */
  offset: number | null;
}

/** What a stream turned out to be for its images. Wire data, as an {@link Outcome}. */
export interface ImageOutcome {
  status: 'completed' | 'incomplete' | 'failed' | 'truncated';
  /** One for each image; a partial one only where no final came. */
  images: ImageMeta[];
  /** Images that are not there, and partial ones that were asked for. */
  errors: ImageError[];
  /** Why there is nothing at all; null where there are images or errors. */
  no_image: 'model_declined' | 'tool_missing' | 'content_filter' | 'failed' | 'truncated' | null;
  /** Why the response failed. */
  error: ErrorBody | null;
}

/**
 * What a function that takes images is called with. `key` names one image of the stream: its bytes may arrive before it
 * is known whose they are.
 *
 * For each key: `begin`, `write` any number of times, then either `finish` or `abort`. Only `finish` says that there is
 * an image and what it is; several keys can be open at once. `data` has at most 64 KiB and is the function's to keep.
 */
export type ImageEvent =
  | { kind: 'begin'; key: number }
  | { kind: 'write'; key: number; data: Uint8Array }
  | { kind: 'finish'; key: number; meta: ImageMeta }
  | { kind: 'abort'; key: number };

/**
 * Where images go.
 *
 * - A directory, made if need be. A file is named after its item, else `image` and its place, and has its name only
 *   when it is complete; until then it is hidden, and `finish` removes what does not become complete. An older file of
 *   the name is replaced. Files are written synchronously.
 * - A function. It is called synchronously, what it returns is ignored, and it must not use the extractor.
 *
 * What the function throws, and a {@link SluicegateError} `sink` where a file cannot be written, costs that image only:
 * all of the input is read, then the first such error is thrown. An image that was given up so gets `abort`, unless
 * its `begin` failed.
 */
export type ImageSink = string | URL | ((event: ImageEvent) => void);

/** A complete file, and what it is. */
export interface WrittenImage extends ImageMeta {
  path: string;
}

/**
 * Takes the generated images out of one Responses stream, decoded while they arrive: an image is never held in memory.
 *
 * Each image reaches the sink once, with the final preferred to partials and duplicates left out. Bad data inside
 * the stream is no error here: `outcome` lists the images, and why others are missing.
 */
export class ImageExtractor {
  constructor(sink: ImageSink, options?: ImageOptions);
  /** Takes the next bytes of the upstream body. */
  feed(chunk: Chunk): void;
  /** Takes one event without SSE framing: a WebSocket text frame, as JSON or as an object. */
  feedEvent(frame: string | Uint8Array | object): void;
  /** Ends the stream. Where no final image came, the last partial one is it. */
  finish(): void;
  /** The summary of the stream; null before `finish`. A new object each time. */
  get outcome(): ImageOutcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
  /** Where there is no image, the failure to answer with: its code is the reason. Else null. */
  get envelope(): Envelope | null;
  /** The files that are complete, in order; none for a function. */
  get written(): WrittenImage[];
}

/** What {@link images} gives. */
export interface Extracted {
  /** The summary of the stream: its images, and those that are missing. */
  outcome: ImageOutcome;
  /** Where there is no image, the failure to answer with; else null. */
  envelope: Envelope | null;
  /** The files, in order; none for a function. */
  written: WrittenImage[];
  /** What the sink or the source failed with first; null when neither did. */
  error: unknown | null;
}

/**
 * Reads all of a Responses stream, and gives its images to the sink while they arrive.
 *
 * A source that fails is a cut stream, and a sink that fails costs one image: neither is an exception, `error` holds
 * what was thrown first. The promise is rejected for wrong arguments, for a directory that cannot be made, and for a
 * chunk that is none; the source is given up then, and files that are not complete are removed.
 */
export function images(
  source: StreamSource,
  sink: ImageSink,
  options?: ImageOptions,
): Promise<Extracted>;

/**
 * Folds a final Response (JSON) into what the Images API would have answered (JSON): `created`, `data` with the
 * finished images in output order, and `usage` where the response has that of its image tool. Throws `invalid_json`.
 */
export function imagesApi(response: string | Uint8Array | object): Uint8Array;

/**
 * Makes a request to the Images API one that a Responses backend answers by its image tool; `hostModel` calls the tool.
 * `images` and `mask` name images to be edited: each an object with an `image_url` or a `file_id`, or the URL.
 * {@link imagesApi} makes the answer of the Response; with `stream` an {@link ImagesTranscoder} does, of the stream. What
 * cannot be answered (several images, URLs) throws.
 */
export function imagesRequest(body: Uint8Array | string | object, hostModel: string): Uint8Array;

/**
 * An outcome as attributes of OpenTelemetry's conventions for generative AI, for a span or a log. What is not known is
 * left out; there is no content among them.
 */
export function otelAttributes(outcome: Outcome, options?: OtelOptions): OtelAttributes;

/** Names and values. */
export interface OtelAttributes {
  'gen_ai.operation.name': 'chat';
  'gen_ai.provider.name'?: string;
  'gen_ai.request.model'?: string;
  'gen_ai.request.stream'?: true;
  'server.address'?: string;
  'gen_ai.response.id'?: string;
  'gen_ai.response.model'?: string;
  'gen_ai.response.finish_reasons'?: string[];
  'gen_ai.usage.input_tokens'?: number;
  'gen_ai.usage.output_tokens'?: number;
  'gen_ai.usage.cache_read.input_tokens'?: number;
  'gen_ai.usage.cache_creation.input_tokens'?: number;
  'gen_ai.usage.reasoning.output_tokens'?: number;
  /** The upstream's own code where it gave one, else the class of the failure. */
  'error.type'?: string;
}

/** How a request travels: `POST …/responses`, or a `response.create` frame. */
export type Transport = 'http' | 'websocket';

/** Headers as a gateway holds them. A list of values is as many headers; null and undefined are none. */
export type HeadersLike =
  | { readonly [name: string]: HeaderValue | readonly HeaderValue[] | null | undefined }
  | Iterable<readonly [string, HeaderValue | readonly HeaderValue[] | null | undefined]>;
export type HeaderValue = string | number | boolean;

/** What happens to a member of a request, or to one inside another (`reasoning.effort`). See docs/reference/profiles.md. */
export type FieldRule = { on?: Transport; reason?: string } & (
  | { rule: 'pass' }
  | { rule: 'remove' | 'reject'; default?: unknown }
  | { rule: 'force' | 'default'; value: unknown }
  | { rule: 'rename'; to: string }
  | { rule: 'map'; values: Record<string, unknown> }
  | { rule: 'choose'; values?: Record<string, unknown>; only?: string[]; default?: unknown }
  | {
      rule: 'limit';
      min?: number;
      max?: number;
      max_chars?: number;
      characters?: 'any' | 'word';
      max_members?: number;
      max_name_chars?: number;
    }
  | { rule: 'members'; only: string[] }
  | { rule: 'include'; with: string[]; without: string[] }
);

/**
 * The rules of a backend; `docs/reference/profiles.md` has every option. What `extends` a built-in one says only what is
 * different; `fields`, `limits` and `headers` are merged by name. Wire data, hence snake_case.
 */
export interface ProfileRules {
  $schema?: string;
  name?: string;
  extends?: ProfileName;
  fields?: Record<string, FieldRule>;
  /** Members that no rule names. */
  unknown?: 'pass' | 'remove' | 'reject';
  /** The text where a request has none; without it none is added. */
  instructions?: string | null;
  input?: 'list' | 'any';
  system?: 'hoist_system' | 'hoist_all' | 'developer' | 'keep';
  /** Tool types to their final names; dated forms go with them. */
  aliases?: Record<string, string>;
  /** The hosted tools that the route allows. */
  tools?: 'all' | 'strict' | string[];
  hosted_tool_choice?: 'remove' | 'keep';
  reasoning_items?: 'encrypted' | 'keep';
  item_references?: 'remove' | 'keep';
  item_ids?: 'checked' | 'any';
  cache_breakpoints?: 'remove' | 'keep';
  orphans?: 'repair' | 'keep';
  limits?: { name_bytes?: number; id_bytes?: number; id_characters?: 'any' | 'word'; body_bytes?: number };
  headers?: { http?: Record<string, string>; websocket?: Record<string, string> };
  /** What a server that speaks only chat takes. An empty name: it has no such field. */
  chat?: {
    developer?: 'system' | 'keep';
    /** System messages that come first become one, or stay apart. */
    leading_system?: 'join' | 'keep';
    /** One name or several, nested or not. */
    reasoning_effort?: string | string[];
    verbosity?: string;
    /** The member of an assistant's message that takes the reasoning of earlier turns. */
    reasoning?: string;
    /** What stands there in a message with calls that has no reasoning. */
    reasoning_placeholder?: string;
    output_images?: 'user' | 'tool' | 'drop';
    hosted_tools?: 'drop' | 'keep' | 'reject';
  };
  /** What a server that speaks Messages takes; `fields` are then of a Messages request. */
  messages?: {
    /** The first row of which a name is in the model's name counts. */
    models?: {
      names: string[];
      thinking?: 'adaptive' | 'either' | 'enabled' | 'none';
      effort?: 'keep' | 'drop';
      /** Of `temperature`, `top_p` and `top_k`. */
      sampling?: 'all' | 'one' | 'none';
      max_tokens?: number;
    }[];
    /** Tokens to think with, by effort. */
    budgets?: Record<string, number>;
    /** The names of tools that the upstream runs: Responses type to Messages type. */
    hosted_tools?: Record<string, string>;
    later_system?: 'system' | 'user';
    unsigned_thinking?: 'drop' | 'keep';
    fast?: 'drop' | 'speed';
    /** What a request that ends with `compaction_trigger` asks the model instead; empty: the trigger is dropped. */
    compaction_prompt?: string;
  };
}

/**
 * `codex`: the ChatGPT backend with all its tools; `codex_v1`: the same behind a strict route; `openai`: the API;
 * `chat`: a server that speaks only chat; `anthropic`: one that speaks Messages.
 */
export type ProfileName = 'codex' | 'codex_v1' | 'openai' | 'chat' | 'anthropic';

/** The rules of a backend, read once. Rules that make no sense throw `invalid_option`. */
export class Profile {
  constructor(profile?: ProfileName | ProfileRules | Profile);
  /** The whole profile, with what it inherited. A new object each time. */
  get json(): ProfileRules;
  /** Headers that the backend expects, in lower case; never credentials. */
  headers(transport?: Transport): Record<string, string>;
  /** The default one for an upstream of that dialect: `codex`; `chat` for chat. */
  static ofUpstream(upstream: Dialect): Profile;
  /** The built-in profile for a route of a gateway, such as `/backend-api/codex/responses` or `/v1/responses`. */
  static forPath(path: string): ProfileName | null;
}

/** One change of a request. */
export interface Change {
  action: 'removed' | 'renamed' | 'replaced' | 'added' | 'moved' | 'rejected';
  /** JSON path such as `input[3].id`, in the body as a Responses request. */
  path: string;
  /** Why, for people. */
  reason: string;
}

/**
 * What a request asked for, as far as its answer does not repeat it: an option of every class that reads the answer. Plain data,
 * the same JSON in Rust, Python and Node: hence snake_case.
 */
export interface RequestContext {
  /** How the body was shaped, whatever route it came by. */
  dialect: Dialect;
  model: string | null;
  /** Whether the client asked for a stream. */
  stream: boolean;
  include_usage: boolean;
  /** Whether a chat client gets reasoning as `reasoning_details`, because it asked or by the profile; if it does. */
  reasoning_details?: boolean;
  /** Tool names that were shortened: short to original. */
  names: Record<string, string>;
  /** Call ids that were shortened: short to original. */
  call_ids: Record<string, string>;
  /** Tools that a chat client declared as `custom`, by original name. */
  custom_tools: string[];
  /** Top-level members that the profile has no rule for; they were passed on. */
  unknown_fields: string[];
  /** Values of members that were shortened: short to original; if there are any. */
  values?: Record<string, string>;
  /** Tools that a chat server knows otherwise than they were declared, by the name that was sent; if there are any. */
  tools?: Record<string, ClientTool>;
  /** What a Response repeats of a Responses request (`instructions`, `tools`, …): the text of a JSON object; if there is any. */
  request?: string;
  /** The chat client declared `functions`, and no tools: its call comes back as `function_call`; if it is so. */
  legacy_functions?: boolean;
  /** Stop sequences that the client asked for and the upstream could not be, for `applyStop`; if there are any. */
  stop?: string[];
  /** The answer becomes one compaction item: the request asked to compact the conversation; if it is so. */
  compacts?: boolean;
  /** Hashes of the ids of calls in a Messages client's history, which no call of the answer gets again. */
  history_calls?: number[];
}

/** A tool as the client declared it. */
export interface ClientTool {
  /** What its calls must come back as. */
  kind: 'function' | 'custom' | 'tool_search' | 'local_shell' | 'shell' | 'apply_patch';
  name: string;
  namespace: string | null;
}

/** A request that its upstream takes. */
export interface ConvertedRequest {
  /** What to send. */
  body: Uint8Array;
  /** Every difference from what came in; none for a body that was converted before. */
  changes: Change[];
  /** What to give the class that reads the answer. */
  context: RequestContext;
}

/** The older name of {@link ConvertedRequest}. */
export type Normalized = ConvertedRequest;

/**
 * Makes a client's request one that the upstream accepts. Members that no rule touches keep their order, number format,
 * escapes and white space; an object is taken as `JSON.stringify` writes it.
 *
 * `client`: with `auto`, the default, the body tells; a body that is plainly of another dialect is read as what it is.
 * `profile`: the rules of the upstream, by default those of {@link Profile.ofUpstream}.
 *
 * A request that must not be sent throws a {@link SluicegateError} with the `envelope` and `status` to answer it with.
 */
export function convertRequest(
  body: Uint8Array | string | object,
  options: {
    client?: Dialect | 'auto' | null;
    upstream: Dialect;
    profile?: ProfileName | ProfileRules | Profile | null;
  } & RequestOptions,
): ConvertedRequest;

/** {@link convertRequest} for Responses clients of a Responses upstream. */
export function normalizeRequest(
  body: Uint8Array | string | object,
  profile?: ProfileName | ProfileRules | Profile,
  options?: RequestOptions,
): ConvertedRequest;

/** {@link convertRequest} for chat clients of a Responses upstream. */
export function chatToResponses(
  body: Uint8Array | string | object,
  profile?: ProfileName | ProfileRules | Profile,
  options?: RequestOptions,
): ConvertedRequest;

/** {@link convertRequest} for Responses clients of a chat upstream. */
export function responsesToChat(
  body: Uint8Array | string | object,
  profile?: ProfileName | ProfileRules | Profile,
  options?: RequestOptions,
): ConvertedRequest;

/** A part of a request, as its upstream takes it. */
export interface ConvertedPart<Value> {
  /** What to send. */
  value: Value;
  /** Every difference from what came in. */
  changes: Change[];
  /** What this part adds to the context of the answer: names and ids that come back. */
  context: RequestContext;
}

/** Who asks, who answers, and by which rules. `model`: its rules count; without one, none do. */
export type PartOptions = {
  client: Dialect;
  upstream: Dialect;
  model?: string | null;
  profile?: ProfileName | ProfileRules | Profile | null;
} & RequestOptions;

/** Tools of a client's request as the upstream takes them, by the code of {@link convertRequest}; `[]` where none is left. */
export function convertTools(tools: unknown[], options: PartOptions): ConvertedPart<object[]>;

/**
 * The choice of a tool as the upstream takes it; null where none is sent. `tools`: those of the request, in the client's form;
 * without them, those that the choice names count as declared. What it says of parallel calls is in `changes`.
 */
export function convertToolChoice(
  choice: string | object,
  options: PartOptions & { tools?: unknown[] | null },
): ConvertedPart<string | object | null>;

/** A conversation as the upstream takes it: the messages, or a Responses client's input. */
export function convertMessages(
  messages: string | unknown[],
  options: PartOptions,
): ConvertedPart<{ messages?: object[]; input?: object[] | string; instructions?: string; system?: object[] | string }>;

/**
 * A `usage` object as another dialect has it; null where nothing was counted. Input tokens are with the cached ones in chat and
 * Responses, and without them in Messages.
 */
export function convertUsage(usage: object, from: Dialect, to: Dialect): Record<string, unknown> | null;

/**
 * Estimates the input tokens of a request, Messages, Responses or chat: texts about as `o200k_base` counts them, images by
 * their size, documents by their pages. A whole counts what its pieces count; docs/reference/messages.md has the measured error. It is
 * meant for `inputTokens` and for what clients show, not for bills. Throws for what is no JSON object.
 */
export function countTokens(body: Uint8Array | string | object): number;

/**
 * Whether a Messages request is a probe, by which a client asks whether it may use a model: `max_tokens` is 1, there is one
 * message, of one word, and no system text but Claude Code's own name, no tools, no stream, no member that asks for more. A
 * real request for one token has a prompt, and is none.
 */
export function isProbe(body: Uint8Array | string | object): boolean;

/** What becomes of a member of a chat or a Messages request. */
export interface ChatField {
  class: 'mapped' | 'passed' | 'removed' | 'rejected';
  /** Where it is mapped to. */
  to?: string;
  /** Why it is lost. */
  reason?: string;
  /** The value that asks for nothing. */
  default?: unknown;
  /** For a chat server: the member that has its meaning, where Responses has none. */
  chat?: string;
  /** The same for a Messages server. */
  messages?: string;
}

/** What becomes of each member of a chat request. A new object each time. */
export function chatFields(): Record<string, ChatField>;

/** What becomes of each member of a Messages request. A new object each time. */
export function messagesFields(): Record<string, ChatField>;

/** What a gateway knows of a failure; any member may be missing. */
export interface UpstreamFailure<Client extends Dialect = 'responses'> {
  /** The HTTP status; anything but 400 to 599 is as good as none, but for a redirect with a `location`. */
  status?: number | null;
  /**
   * Names in any case. Of all headers only `retry-after`, `retry-after-ms`, `x-codex-*`, `x-ratelimit-*` and a redirect's
   * `location` are read.
   */
  headers?: HeadersLike | null;
  /** An HTTP body, an event, a WebSocket frame or a stream of events, as it came or parsed. */
  body?: Uint8Array | string | object | null;
  /** Milliseconds since 1970, for an upstream that names a date: `Date.now()`. */
  nowMs?: number | null;
  /** The client's, which the `body` of the envelope is for. Default `responses`, whose form chat shares. */
  dialect?: Client | null;
  /** For a client of Messages: the id that the header `request-id` has. */
  requestId?: string | null;
}

/** A failure as clients of the OpenAI API know it, and what to do about it. */
export interface Envelope extends Failure {
  /** What to send; the upstream's own message where it had one. */
  body: { error: ErrorBody };
  /** What in this library helps. */
  hint: string | null;
}

/** A failure as clients of Messages know it, and what to do about it. */
export interface MessagesEnvelope extends Failure {
  /** What to send. */
  body: {
    type: 'error';
    error: { type: string; message: string; [member: string]: unknown };
    request_id?: string;
  };
  /** What in this library helps. */
  hint: string | null;
}

/** A rule that a stream breaks. */
export interface Finding {
  /** Stable, such as `created_first`; docs/reference/codes.md lists them. */
  rule: string;
  /** For the clients of the profile. */
  severity: 'info' | 'warning' | 'error';
  /** The number of the event, from 0; null where it is the whole stream. */
  event: number | null;
  /** Offset of that event, or of the stream's end, in bytes. */
  offset: number;
  /** For people: where, and what stands there. */
  message: string;
}

/**
 * Where a whole stream breaks a rule that clients rely on. `profile`: whose eyes it is read with, default `openai`, the
 * official SDKs on a Responses stream, as `codex_cli` is; `chat` is for chat streams, `messages` and `claude_code` for
 * Messages. What begins with `{` is taken for frames, one a line.
 */
export function lint(
  stream: Uint8Array | string,
  profile?: 'openai' | 'codex_cli' | 'chat' | 'messages' | 'claude_code' | null,
): Finding[];

/**
 * Makes one envelope of any upstream failure; of what an outcome has, `status` of its `failure` and `{ error }` as `body`.
 */
export function errorEnvelope<Client extends Dialect = 'responses'>(
  failure?: UpstreamFailure<Client>,
): Client extends 'messages' ? MessagesEnvelope : Envelope;

/**
 * Where conversations are kept: a {@link MemoryStore}, a {@link RedisStore}, or one's own. Keys are plain ASCII; values
 * are the conversation in plain text, so whoever reads the store reads every prompt.
 *
 * `nowMs` is given only where the caller gave one; a store with a clock ignores it.
 */
export interface Store {
  /** The value, while it lives; null or undefined where there is none. */
  get(key: string, nowMs?: number): Promise<Uint8Array | null | undefined> | Uint8Array | null | undefined;
  /** Keeps the value for `ttlS` seconds, in place of an earlier one; for none, forgets both. */
  put(key: string, value: Uint8Array, ttlS: number, nowMs?: number): unknown;
  /**
   * Keeps the value unless there is another one under the key, which stays; false then. In one step: without it `remember`
   * asks `get` and then `put`, and another process can put something in between. `tenant`: {@link Continuation.tenant}.
   */
  putNew?(key: string, value: Uint8Array, ttlS: number, tenant: string, nowMs?: number): Promise<boolean> | boolean;
}

/** A request with its history. Of a first turn: the request as it came, and nothing else. */
export interface Expanded {
  /** What to normalize and send, and later to record. */
  body: Uint8Array;
  /** What the client continues: the option `previousResponseId` of who reads the answer. */
  previousResponseId: string | null;
  /** Where the history's reasoning came from: the option `historyOrigin` of {@link convertRequest}. */
  origin: string | null;
}

/** Why an answer was not recorded; the next turn must send its whole input. */
export type Unrecorded =
  | 'not_completed'
  | 'unstored'
  | 'not_expanded'
  | 'no_input'
  | 'no_id'
  | 'id_too_long'
  | 'too_large'
  | 'id_taken';

/** What to put into a store, or why there is nothing. */
export type Recorded =
  | { key: string; value: Uint8Array; unrecorded: null }
  | { key: null; value: null; unrecorded: Unrecorded };

/**
 * `previous_response_id` for backends that store nothing: resolve, normalize, send, collect, remember.
 *
 * `scope` is the tenant: what is recorded in one is found in no other. Requests and responses are bytes, text or an
 * object, which is taken as `JSON.stringify` writes it.
 */
export class Continuation {
  constructor(scope: string, options?: ContinuationOptions);
  /** A digest of the scope, in hexadecimal: by it a store tells tenants apart. */
  get tenant(): string;
  /** Where a response is kept, the same in Rust, Python and Node. */
  key(responseId: string): string;
  /** The key of the record that a request needs; null where it needs none, or names an id that was never given. */
  lookup(request: Uint8Array | string | object): string | null;
  /**
   * Puts the recorded conversation before the request's own input and takes `previous_response_id` out; every other
   * byte stays. Without a record of that response in this scope it throws `previous_response_not_found`, with the
   * `envelope` to answer.
   */
  expand(request: Uint8Array | string | object, record?: Uint8Array | null): Expanded;
  /**
   * What the next turn needs. `response` as the client gets it, names and ids restored; `origin`: the backend and
   * account that answered.
   */
  record(
    turn: Pick<Expanded, 'body' | 'origin'>,
    response: Uint8Array | string | object,
    options?: { origin?: string | null },
  ): Recorded;
  /** `expand` with what the store has. A store that fails rejects with a {@link SluicegateError} `store`. */
  resolve(store: Store, request: Uint8Array | string | object, options?: { nowMs?: number | null }): Promise<Expanded>;
  /**
   * `record` into the store; null, or why nothing was: `id_taken` where it has another record of that id, which stays.
   * A store that fails rejects with a {@link SluicegateError} `store`, but the answer is still good: send it.
   */
  remember(
    store: Store,
    turn: Pick<Expanded, 'body' | 'origin'>,
    response: Uint8Array | string | object,
    options?: { origin?: string | null; nowMs?: number | null },
  ): Promise<Unrecorded | null>;
}

/**
 * A {@link Store} for one process: 1024 records and 64 MiB. When it is full, the least recently used record goes of the
 * tenant that has most: no tenant loses what is within its share, the room divided by the tenants that have records,
 * because of what another one puts.
 */
export class MemoryStore implements Store {
  /** Other limits; both or neither. */
  constructor(options?: { maxEntries: number; maxBytes: number });
  /** `nowMs`: default `Date.now()`. */
  get(key: string, nowMs?: number): Uint8Array | null;
  put(key: string, value: Uint8Array, ttlS: number, nowMs?: number): void;
  putNew(key: string, value: Uint8Array, ttlS: number, tenant: string, nowMs?: number): boolean;
}

/** What turns values into others and back; `key` is that of the record, to be authenticated with it. */
export type RedisStoreOptions = {
  /** How long Redis may take for an answer, a connection included. Default 3000. */
  timeoutMs?: number | null;
} & (
  | { encrypt?: null; decrypt?: null }
  | {
      encrypt: (value: Uint8Array, key: string) => Uint8Array | Promise<Uint8Array>;
      /** Null is a miss; what it throws is a failed store. */
      decrypt: (value: Uint8Array, key: string) => Uint8Array | null | Promise<Uint8Array | null>;
    }
);

/**
 * A {@link Store} in Redis or Valkey, through a client that the host has made and connects: of `redis` (node-redis 4 and
 * later; clients, and since 5 pools and clusters) or of `ioredis`. Redis keeps the time. Without `encrypt` values are
 * prompts in plain text.
 *
 * A Redis that is not there, or does not answer in time, is a {@link SluicegateError} `store` with its `cause`. Listen to
 * the client's `error` event, or Node ends the process when the connection is lost.
 */
export class RedisStore implements Store {
  constructor(client: object, options?: RedisStoreOptions);
  get(key: string): Promise<Uint8Array | null>;
  put(key: string, value: Uint8Array, ttlS: number): Promise<void>;
  putNew(key: string, value: Uint8Array, ttlS: number, tenant?: string): Promise<boolean>;
}

/** How a request goes upstream. */
export interface Route {
  transport: Transport;
  endpoint: 'responses' | 'chat' | 'images';
  /** The model to ask for: without a provider's prefix and an effort, where it is a known one. */
  model: string;
  /** The effort that its name ended in. */
  effort: string | null;
  reason:
    | 'http_latched'
    | 'body_too_large'
    | 'image_tool'
    | 'tools_need_responses'
    | 'endpoint_is_http'
    | 'auth_is_http'
    | 'downstream_websocket'
    | 'prefers_websocket'
    | 'default';
}

/** What a live document of models has otherwise than a catalog. */
export interface CatalogDiff {
  /** Models that the catalog does not know. */
  added: string[];
  /** Models of the catalog that the document does not have. */
  dropped: string[];
  /** Members that differ, of those that the catalog has of a model or that a rule reads; `was`: null if there was none. */
  changed: { model: string; member: string; was: unknown; is: unknown }[];
}

/** What is known of models. One that is not in it is routed by default, never refused. */
export class Catalog {
  /** The bundled models; or one's own instead, any document that `mergeLive` takes. */
  constructor(json?: Uint8Array | string | object | null);
  /**
   * Merges an upstream's `/models`, in either shape. Field by field it wins over what was known; what it
   * leaves out or has as null stays. What is no list of models throws `invalid_option` and changes nothing.
   */
  mergeLive(json: Uint8Array | string | object): void;
  /** All that is known of the model that `name` is a variant of. A new object each time. */
  model(name: string): ({ slug: string } & Record<string, unknown>) | null;
  /** All models as JSON text: `codex` (default) for the Codex client, `openai` for clients of the API. */
  toJson(shape?: 'codex' | 'openai'): string;
  /** What a live `/models` document has otherwise. Throws as `mergeLive` does. */
  diff(json: Uint8Array | string | object): CatalogDiff;
  /** How a request for `model` goes upstream, and why. */
  route(model: string, options?: RouteOptions): Route;
  /**
   * The route of a request's body, of whose model, tools and length the options need none. A body that is no request goes
   * the default way: converting it finds what is wrong.
   */
  routeRequest(body: Uint8Array | string | object, options?: RouteOptions): RoutedRequest;
}

/** What {@link Catalog.routeRequest} gives. */
export interface RoutedRequest {
  route: Route;
  /** The model that the client asked for; empty where the body names none. */
  model: string;
  /**
   * The body with the model and the effort that the route has; an effort that the client gave itself counts. Every other
   * byte stays.
   */
  body: Uint8Array;
}

/**
 * What the upstream has of a conversation at the other end of one WebSocket. Made of each request as it is given to
 * {@link wsRequest}, whole, and fed each frame that comes back. An error or an incomplete response makes it worthless; so
 * does the end of the connection, which the host reports with `close`.
 */
export class Baseline {
  constructor(request: Uint8Array | string | object);
  /** Takes a frame of the answer. */
  frame(frame: string | Uint8Array): void;
  /** The connection is gone, or what came over it is not what was asked for. */
  close(): void;
  /** The response that the next request can go on from; null means that it must be sent whole. */
  get responseId(): string | null;
}

/**
 * The frame that sends a request body, as text, because a WebSocket sends bytes as a binary frame. With the baseline of
 * the connection it has only the new end of the input, where the rest is what the upstream has; else the whole request.
 */
export function wsRequest(body: Uint8Array | string | object, baseline?: Baseline | null): string;

/**
 * The request body that a client's frame is, to send over HTTP. Throws `needs_full_request` where the frame only goes on
 * from an earlier response.
 */
export function httpBody(frame: Uint8Array | string | object): Uint8Array;

/**
 * What a client's frame asks for: a request; with `generate: false` nothing but a response id to go on from; further
 * input, which no upstream takes; nothing; more input for the response that comes, or its end, both to be sent on as they
 * are. Throws `unsupported_value` for any other type.
 */
export function clientFrame(frame: Uint8Array | string | object):
  'create' | 'warm_up' | 'append' | 'processed' | 'steer' | 'interrupt';

/**
 * Headers that a frame has because a WebSocket has none, in lower case: of a client's frame those in its metadata, which a
 * body over HTTP will not have; of an upstream's `error` frame its `headers`.
 */
export function frameHeaders(frame: Uint8Array | string | object): Record<string, string>;

/**
 * The events, as text, that answer a warm-up frame: a response without output, to go on from. The upstream need not know
 * of it; {@link warmUpResponse} is that response, to be recorded.
 */
export function warmUpFrames(responseId: string): string[];

/** The response of {@link warmUpFrames}, as JSON. */
export function warmUpResponse(responseId: string): Uint8Array;

/**
 * What to do about a request that failed over `transport`. `committed`: the client was sent something already. A retry
 * sends the whole request; after a status 426 the host stays with HTTP (`httpLatched`), and it counts attempts.
 */
export function afterFailure(
  transport: Transport,
  envelope: Omit<Envelope, 'hint'>,
  committed: boolean,
): 'retry_http_full' | 'retry_ws_full' | 'surface';

/**
 * The frame, as text, that reports a failure to a WebSocket client; {@link errorEnvelope} of it is the same again.
 * `headers`: what an HTTP client would get beside the body; the Codex CLI reads `x-codex-*`.
 */
export function errorFrame(envelope: Omit<Envelope, 'hint'>, headers?: HeadersLike | null): string;

/** The headers of the answer to a failure: what its body is, and when to come back, where that is known. */
export function failureHeaders(retryAfterMs?: number | null): Record<string, string>;

/**
 * The content type a gateway must send, whatever the upstream claimed: a client that asked for a stream gets
 * `text/event-stream`, one that gets the collapsed object `application/json`.
 */
export function contentType(isStream: boolean): string;

/**
 * Whether a body that begins with these bytes is an event stream, whatever its content type claims; null while nothing
 * but white space was seen.
 */
export function isSse(firstBytes: Chunk): boolean | null;

/**
 * The beginning of an upstream's body, for whoever reads one that may be an error: each byte is looked at once, and 1 MiB
 * is kept. Feed it until the kind is known, and on while that is no stream.
 */
export class Page {
  feed(chunk: Chunk): void;
  /** `document` is JSON; null while nothing but white space was seen. */
  get kind(): 'stream' | 'document' | 'page' | null;
  /** Whether some of it had no room. */
  get isCut(): boolean;
  /** Whether what is still to come is not worth reading, if this is no answer. */
  get isFull(): boolean;
  /** What came, without the white space before it. */
  bytes(): Uint8Array;
}

/**
 * Bad bytes in a strict parser, a request that must not be sent, a directory that takes no image, a store that cannot
 * be used, or misuse. What the upstream reports is an {@link Outcome}. An argument of the wrong type is a TypeError
 * instead.
 */
export class SluicegateError extends Error {
  constructor(
    message: string,
    body: { code: string; offset?: number | null; path?: string | null; envelope?: { error: ErrorBody } | null },
    options?: { cause?: unknown },
  );
  /** Of a `store` error, what the store failed with. */
  cause?: unknown;
  /** Stable, the same string in Rust, Python and Node: `invalid_option`, `after_finish`, … */
  code: string;
  /** Byte offset in the stream or document, where one is known. */
  offset: number | null;
  /** JSON path of the offending member, where one is known; options are named in snake_case. */
  path: string | null;
  /** Of a request that must not be sent, what to answer it with; else null. */
  envelope: { error: ErrorBody } | null;
  /** The HTTP status for that. */
  status: number | null;
  /** All events of the chunk that `SseParser.feed` was parsing: an error costs only its own event. */
  events: SseEvent[];
  /** Errors of the same chunk after this one, in order. */
  further: SluicegateError[];
}
