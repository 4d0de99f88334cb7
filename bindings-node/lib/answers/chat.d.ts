// What clients of chat completions are given, as plain objects: the chunks of a stream, a whole completion.
//
// Required members are always written; others where there is something to say. What a chat server sent is passed on as it is: it
// may have further members, and lack some.
import type { ErrorBody, Usage } from '../../index.js';

export type ChatFinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'function_call';

/** Tokens with their logarithmic probabilities, as the upstream counted them. */
export interface ChatLogprobs {
  content: any[] | null;
  refusal: any[] | null;
}

/** Where a piece of the text comes from. */
export interface ChatAnnotation {
  type: 'url_citation';
  url_citation: { start_index: number; end_index: number; url: string; title: string };
}

/** A generated image, as a `data:` URL. */
export interface ChatImage {
  index: number;
  type: 'image_url';
  image_url: { url: string };
}

interface ChatExtensions {
  reasoning_content?: string;
  /** In place of `reasoning_content`, where the option `reasoning` asks for it. */
  reasoning?: string;
  reasoning_details?: Record<string, unknown>[];
  annotations?: ChatAnnotation[];
  images?: ChatImage[];
}

/** A piece of a call. The first one of each index has its `id`, `type` and name. */
export interface ChatToolCallDelta {
  index: number;
  id?: string;
  type?: 'function' | 'custom';
  function?: { name?: string; arguments?: string };
  custom?: { name?: string; input?: string };
}

/** What a chunk adds to the message. */
export interface ChatDelta extends ChatExtensions {
  role?: 'assistant';
  content?: string | null;
  refusal?: string;
  tool_calls?: ChatToolCallDelta[];
  /** Of a client that declared `functions`. */
  function_call?: { name?: string; arguments?: string };
}

/** An event of a stream; the one with the usage has no choice. */
export interface ChatChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: { index: number; delta: ChatDelta; finish_reason: ChatFinishReason | null; logprobs?: ChatLogprobs | null }[];
  usage?: Usage | null;
  service_tier?: string;
}

/** An object of a stream. `'choices' in event` tells a chunk from the failure that may end the stream. */
export type ChatEvent = ChatChunk | { error: ErrorBody };

/** A call, of a function or of a tool with free text for input. */
export type ChatToolCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

/** The answer; it can stand in the `messages` of the next request as it is. */
export interface ChatMessage extends ChatExtensions {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  tool_calls?: ChatToolCall[];
  /** Of a client that declared `functions`. */
  function_call?: { name: string; arguments: string };
}

/** A whole answer: `finalCompletion`, and `completion` of what `collect` gives. */
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: { index: number; message: ChatMessage; logprobs: ChatLogprobs | null; finish_reason: ChatFinishReason }[];
  usage?: Usage;
  service_tier?: string;
}

/** Tokens, side by side in four lists; offsets count code points of the answer. */
export interface TextLogprobs {
  tokens: string[];
  token_logprobs: number[];
  top_logprobs: Record<string, number>[];
  text_offset: number[];
}

/**
 * With the option `legacyCompletions`: an answer of the legacy Completions API, or a chunk of it. Before the last chunk
 * `finish_reason` is null; the one with the usage has no choice.
 */
export interface TextCompletion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: { index: number; text: string; logprobs: TextLogprobs | null; finish_reason: 'stop' | 'length' | 'content_filter' | null }[];
  usage?: Usage | null;
}
