// What clients of Anthropic's Messages are given, as plain objects: the events of a stream, a Message and its blocks.
//
// Required members are always written; others where there is something to say. What a Messages server sent is passed on as it is: it
// may have further members, blocks and events, and lack some.
import type { MessagesEnvelope } from '../../index.js';

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded';

/** What the model says. */
export interface TextBlock {
  type: 'text';
  text: string;
  /** Always there in a Message; in a stream they come as deltas. */
  citations?: any[] | null;
}

/** What the model thought, signed. */
export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}

/** The same, sealed. */
export interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}

/** A call of the client's tool. */
export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: any;
  /** Always there in a Message. */
  caller?: any;
}

/** A call that ran on the server. */
export interface ServerToolUseBlock {
  type: 'server_tool_use';
  id: string;
  name: any;
  input: any;
}

/** What a search of the server found. */
export interface WebSearchResultBlock {
  type: 'web_search_tool_result';
  tool_use_id: string;
  content: any;
}

export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ServerToolUseBlock
  | WebSearchResultBlock;

/** Tokens billed. In a Message all members are there, null where nothing is known of them. */
export interface MessageUsage {
  output_tokens: number;
  input_tokens?: number;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation?: any;
  output_tokens_details?: { thinking_tokens: number } | null;
  server_tool_use?: any;
  service_tier?: string | null;
  inference_geo?: string | null;
}

/** A whole answer: `finalMessage`. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ContentBlock[];
  /** Null while it streams. */
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  stop_details: any;
  container: any;
  usage: MessageUsage;
}

export type BlockDelta =
  | { type: 'text_delta'; text: string }
  | { type: 'input_json_delta'; partial_json: string }
  | { type: 'thinking_delta'; thinking: string }
  | { type: 'signature_delta'; signature: string }
  | { type: 'citations_delta'; citation: any };

/** An object of a stream, told by its `type`; `error` is the failure that may end the stream. */
export type MessageEvent =
  | { type: 'message_start'; message: Message }
  | { type: 'content_block_start'; index: number; content_block: ContentBlock }
  | { type: 'content_block_delta'; index: number; delta: BlockDelta }
  | { type: 'content_block_stop'; index: number }
  | {
      type: 'message_delta';
      delta: { stop_reason: StopReason; stop_sequence: string | null; stop_details?: any };
      usage: MessageUsage;
    }
  | { type: 'message_stop' }
  | { type: 'ping' }
  | MessagesEnvelope['body'];
