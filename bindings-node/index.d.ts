/** One dispatched event (WHATWG HTML §9.2.6). */
export interface SseEvent {
  /** The event type; `message` when the block named none. */
  event: string;
  /** The `data` lines, joined with LF. */
  data: string;
  /** The last event id in force: sticky over blocks. */
  id: string;
}

/**
 * Options of an {@link SseParser}. A member that is null or undefined is as if left out; an unknown one or a wrong
 * value throws `invalid_option`.
 */
export interface SseOptions {
  /** Cap on one block in bytes, default 64 MiB; a larger one is skipped with `event_too_large`. */
  maxEventBytes?: number | null;
  /** Invalid UTF-8: replaced by U+FFFD (default), or the event is dropped with `invalid_utf8`. */
  utf8?: 'replace' | 'strict' | null;
  /** Dispatch a block that the end of the stream cuts off. Default off, as WHATWG has it. */
  dispatchTail?: boolean | null;
}

/** Incremental SSE parser: one per stream, any chunking, no I/O. */
export class SseParser {
  constructor(options?: SseOptions);
  /**
   * The events that `chunk` completes. All of the chunk is parsed even when a {@link SluicegateError} is thrown: its
   * `events` are all events of the chunk. Go on with the next chunk, or stop.
   */
  feed(chunk: Uint8Array): SseEvent[];
  /** Ends the stream; the event of an unterminated block under `dispatchTail`, else none. */
  finish(): SseEvent[];
  /** The last valid `retry` value, in milliseconds. */
  get retry(): number | null;
  /** The last `id` that a dispatched block set. */
  get lastEventId(): string;
  /** Bytes scanned plus bytes copied; at most twice the bytes fed. */
  get bytesTouched(): number;
}

/**
 * Options of a {@link ChatTranscoder}, {@link ResponsesRelay} or {@link ResponseCollector}. A member that is null or
 * undefined is as if left out; an unknown one or a wrong value throws `invalid_option`.
 */
export interface ChatOptions {
  /** The model the client asked for. */
  model?: string | null;
  /** Whose model name the chunks carry; the other one is the fallback. Default `requested`. */
  modelFrom?: 'requested' | 'served' | null;
  /** Completion id; default `chatcmpl-` and the response id without `resp_`. */
  id?: string | null;
  /** Unix time in whole seconds, used where the upstream gives none. */
  created?: number | null;
  /** The client's `stream_options.include_usage`. Default off. */
  includeUsage?: boolean | null;
  /** Which delta member carries reasoning. Default `reasoning_content`. */
  reasoning?: 'reasoning_content' | 'reasoning' | 'off' | null;
  /** Custom tool calls: functions with arguments `{"input":"…"}` (default), or chat `custom` calls. */
  customTools?: 'function' | 'custom' | null;
  /** Generated images: in `delta.images` (default), as Markdown in the content, or noted only. */
  images?: 'data_url' | 'markdown' | 'omit' | null;
  /** Show partial images too, each with its own index. Default off. */
  partialImages?: boolean | null;
  /** Where the text of a commentary message goes. Default `content`. */
  commentary?: 'content' | 'reasoning' | null;
  /** Stands before the first text of a second and later message. Default a blank line. */
  messageSeparator?: string | null;
  /** Take `[DONE]` without a terminal event for completion. Default off. */
  doneIsComplete?: boolean | null;
  /** Cap on one event in bytes, default 64 MiB; a larger one is skipped and noted. */
  maxEventBytes?: number | null;
}

/** Tokens billed, as in a chat completion. Absent members are those the upstream left out. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

/** An error as clients of the OpenAI API know it. */
export interface ErrorBody {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** Something that could not be represented, was repaired, or looked inconsistent. */
export interface Note {
  /** Stable; the README lists them. */
  code: string;
  /** JSON path in the final Response, where the thing is about one item; else empty. */
  path: string;
  detail: string;
}

/** What a stream turned out to be. Wire data, the same JSON in Rust, Python and Node: hence snake_case. */
export interface Outcome {
  status: 'completed' | 'incomplete' | 'failed' | 'truncated';
  /** Null when it failed or was cut. */
  finish_reason: 'stop' | 'tool_calls' | 'length' | 'content_filter' | null;
  /** From any terminal event, also a failed one. */
  usage: Usage | null;
  /** Why it failed. */
  error: ErrorBody | null;
  /** The first response id seen. */
  response_id: string | null;
  /** The model that served the response. */
  model: string | null;
  /** What had to be put together because the terminal event was hollow. */
  reconstructed: 'none' | 'items' | 'deltas';
  /** In order of appearance. */
  notes: Note[];
}

/**
 * Turns one Responses stream into one chat completion stream, the same bytes for any chunking.
 *
 * Bad data inside the stream is no error here: it is skipped and noted, a failure becomes the chat error frame, and
 * `outcome` says what happened. What is returned is a Buffer, empty when there is nothing to send.
 */
export class ChatTranscoder {
  constructor(options?: ChatOptions);
  /** Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing. */
  feed(chunk: Uint8Array): Uint8Array;
  /** Takes one event as JSON without SSE framing: a WebSocket text frame. */
  feedEvent(frame: string | Uint8Array): Uint8Array;
  /** Ends the stream; without a terminal event that is the error frame and `[DONE]`. */
  finish(): Uint8Array;
  /** What the stream turned out to be; null before a terminal event or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
  /** Whether anything but an error frame was emitted; before, the HTTP status can still be chosen. */
  get committed(): boolean;
  /**
   * A comment to send while the upstream is silent, between any two results. The line form is the one that every
   * official client survives; `block` adds the blank line that some proxies wait for.
   */
  static heartbeat(block?: boolean): Uint8Array;
}

/**
 * Passes one Responses stream on byte for byte, with exactly one terminal event: filled where it was hollow, and a
 * `response.failed` with what had arrived where it was missing or an `error` event stood in its place.
 *
 * Bad data and `outcome` are as with a {@link ChatTranscoder}. What is returned is a Buffer, empty when there is
 * nothing to send.
 */
export class ResponsesRelay {
  /** Of the options it uses `maxEventBytes` and `doneIsComplete`. */
  constructor(options?: ChatOptions);
  /** Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing. */
  feed(chunk: Uint8Array): Uint8Array;
  /** Takes one WebSocket text frame; it goes on as an SSE block. */
  feedEvent(frame: string | Uint8Array): Uint8Array;
  /** Ends the stream; without a terminal event that is a `response.failed` with what had arrived. */
  finish(): Uint8Array;
  /** What the stream turned out to be; null before a terminal event or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
  /** Whether anything but a failure was passed on; before, the HTTP status can still be chosen. */
  get committed(): boolean;
}

/**
 * Rebuilds the final Response of one stream, and folds its chat completion: for clients that asked `stream: false` of
 * an upstream that only streams. Bad data and `outcome` are as with a {@link ChatTranscoder}.
 */
export class ResponseCollector {
  /** The options shape the chat completion. */
  constructor(options?: ChatOptions);
  /** Takes the next bytes of the upstream body. */
  feed(chunk: Uint8Array): void;
  /** Takes one event as JSON without SSE framing: a WebSocket text frame. */
  feedEvent(frame: string | Uint8Array): void;
  /**
   * Ends the stream; the final Response as JSON, whatever it turned out to be. One that failed keeps its status and
   * error; one that was cut has the status `incomplete` and what had arrived; where nothing but an error came it is
   * the error envelope. See `outcome` before using it.
   */
  finish(): Uint8Array;
  /**
   * The chat completion as JSON, or the error envelope of a response that failed or was cut; null before `finish`. It
   * is the fold of what a {@link ChatTranscoder} with the same options emits.
   */
  chatCompletion(): Uint8Array | null;
  /** What the stream turned out to be; null before a terminal event or `finish`. A new object each time. */
  get outcome(): Outcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
}

/**
 * `response.body.pipeThrough(new ChatTranscoderStream(options))`. The end of the source is the end of the stream, so a
 * source that just stops ends in the error frame. A source that *fails* errors the readable side, as in every
 * TransformStream, and the client gets no ending: for that there is {@link chatSse}.
 */
export class ChatTranscoderStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(
    options?: ChatOptions,
    writableStrategy?: QueuingStrategy<Uint8Array>,
    readableStrategy?: QueuingStrategy<Uint8Array>,
  );
  /** For `outcome` and `committed`. */
  readonly transcoder: ChatTranscoder;
}

/** The same with a {@link ResponsesRelay}; for sources that may fail there is {@link responsesSse}. */
export class ResponsesRelayStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(
    options?: ChatOptions,
    writableStrategy?: QueuingStrategy<Uint8Array>,
    readableStrategy?: QueuingStrategy<Uint8Array>,
  );
  /** For `outcome` and `committed`. */
  readonly relay: ResponsesRelay;
}

/**
 * Responses SSE in, chat SSE out. Only non-empty bytes are yielded, as they arrive.
 *
 * - Arguments are checked by the call, before the first chunk is read.
 * - A source that fails is a cut stream: the client still gets a proper ending (error frame and `[DONE]`, nothing more
 *   if the terminal event had come), then the error of the source is thrown. Whoever reads ahead, like
 *   `Readable.from`, must send what it holds before it acts on the error.
 * - Closing the generator (`break`, `return()`) gives the source up, without an ending. A ReadableStream is cancelled
 *   at once, even while it is silent; an async iterable when it has given its next chunk.
 * - `onOutcome` is called once, at the end, if there is an outcome: not when the consumer left before the terminal
 *   event.
 */
export function chatSse(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  options?: ChatOptions,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Uint8Array, void, unknown>;

/**
 * Responses SSE in, Responses SSE with one good terminal event out. It behaves like {@link chatSse}; the ending of a
 * cut stream is `response.failed`.
 */
export function responsesSse(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  options?: ChatOptions,
  hooks?: { onOutcome?: (outcome: Outcome) => void },
): AsyncGenerator<Uint8Array, void, unknown>;

/** What {@link collect} gives. */
export interface Collected {
  /** The final Response as JSON: {@link ResponseCollector.finish}. */
  response: Uint8Array;
  /** The chat completion as JSON: {@link ResponseCollector.chatCompletion}. */
  completion: Uint8Array;
  /** What the stream turned out to be; to be read before the other two are used. */
  outcome: Outcome;
  /** What the source failed with; null when it did not fail. */
  error: unknown | null;
}

/**
 * Reads all of a Responses stream into one JSON object, of either kind.
 *
 * A source that fails is a cut stream, and that is no exception: the outcome says `truncated` (unless the terminal
 * event had come), `error` holds what the source threw. The promise is rejected for wrong arguments and for a chunk
 * that is no bytes; the source is given up then.
 */
export function collect(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  options?: ChatOptions,
): Promise<Collected>;

/**
 * Options of an {@link ImageExtractor}. A member that is null or undefined is as if left out; an unknown one or a wrong
 * value throws `invalid_option`.
 */
export interface ImageOptions {
  /** Deliver partial images too, as they complete. Default off: the last one counts, and only if no final came. */
  partials?: boolean | null;
  /** Cap on the decoded bytes of one image, default 256 MiB. */
  maxImageBytes?: number | null;
  /** Cap on the data of one event without its images' base64, in bytes, default 64 MiB. */
  maxEventBytes?: number | null;
}

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
 * What a function that takes images is told. `key` names one image of the stream: its bytes may arrive before it is
 * known whose they are.
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
 * all of the input is read, then the first such error is thrown. An image that was given up so is told `abort`, unless
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
 * Each image is told to the sink once, with the final preferred to partials and duplicates left out. Bad data inside
 * the stream is no error here: `outcome` says which images are there, and why others are not.
 */
export class ImageExtractor {
  constructor(sink: ImageSink, options?: ImageOptions);
  /** Takes the next bytes of the upstream body. */
  feed(chunk: Uint8Array): void;
  /** Takes one event as JSON without SSE framing: a WebSocket text frame. */
  feedEvent(frame: string | Uint8Array): void;
  /** Ends the stream. Where no final image came, the last partial one is it. */
  finish(): void;
  /** What the stream turned out to be; null before `finish`. A new object each time. */
  get outcome(): ImageOutcome | null;
  /** `outcome` as the exact JSON text that all three languages give. */
  get outcomeJson(): string | null;
  /** The files that are complete, in order; none for a function. */
  get written(): WrittenImage[];
}

/** What {@link images} gives. */
export interface Extracted {
  /** What the stream turned out to be: the images, and those that are not there. */
  outcome: ImageOutcome;
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
 * chunk that is no bytes; the source is given up then, and files that are not complete are removed.
 */
export function images(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  sink: ImageSink,
  options?: ImageOptions,
): Promise<Extracted>;

/**
 * Folds a final Response (JSON) into what the Images API would have answered (JSON): `created`, `data` with the
 * finished images in output order, and `usage` where the response tells that of its image tool. Throws `invalid_json`.
 */
export function imagesApi(response: string | Uint8Array): Uint8Array;

/**
 * The content type a gateway must send, whatever the upstream claimed: a client that asked for a stream gets
 * `text/event-stream`, one that gets the collapsed object `application/json`.
 */
export function contentType(isStream: boolean): string;

/**
 * Whether a body that begins with these bytes is an event stream, whatever its content type claims; null while nothing
 * but white space was seen.
 */
export function isSse(firstBytes: Uint8Array): boolean | null;

/**
 * Bad bytes where the caller asked to be told, a directory that takes no image, or misuse. What the upstream reports is
 * an {@link Outcome}. An argument of the wrong type is a TypeError instead.
 */
export class SluicegateError extends Error {
  constructor(message: string, body: { code: string; offset?: number | null; path?: string | null });
  /** Stable, the same string in Rust, Python and Node: `invalid_option`, `after_finish`, … */
  code: string;
  /** Byte offset in the stream or document, where one is known. */
  offset: number | null;
  /** JSON path of the offending member, where one is known; options are named in snake_case. */
  path: string | null;
  /** All events of the chunk that `SseParser.feed` was parsing: an error costs only its own event. */
  events: SseEvent[];
  /** Errors of the same chunk after this one, in order. */
  further: SluicegateError[];
}
