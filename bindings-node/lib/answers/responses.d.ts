// What clients of Responses are given, as plain objects: the events of a stream, a Response and its items.
//
// Required members are always written; others where there is something to say. What a Responses server sent is passed on as it is: it
// may have further members, items and events, and lack some.

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputText {
  type: 'output_text';
  text: string;
  annotations: any[];
  logprobs?: any[];
}

export interface OutputRefusal {
  type: 'refusal';
  refusal: string;
}

export interface ReasoningText {
  type: 'reasoning_text';
  text: string;
}

export interface SummaryText {
  type: 'summary_text';
  text: string;
}

/** What the model says. */
export interface MessageItem {
  type: 'message';
  id: string;
  status: ItemStatus;
  role: 'assistant';
  content: (OutputText | OutputRefusal)[];
  phase?: 'commentary' | 'final_answer' | null;
}

interface Call {
  id: string;
  call_id: string;
  name: string;
  namespace?: string;
  status?: ItemStatus;
}

/** A call of a function. */
export interface FunctionCallItem extends Call {
  type: 'function_call';
  arguments: string;
}

/** A call of a tool with free text for input. */
export interface CustomCallItem extends Call {
  type: 'custom_tool_call';
  input: string;
}

/** What the model thought. */
export interface ReasoningItem {
  type: 'reasoning';
  id: string;
  summary: SummaryText[];
  status?: ItemStatus;
  content?: ReasoningText[];
  encrypted_content?: string | null;
}

/** A generated image, in base64. */
export interface ImageItem {
  type: 'image_generation_call';
  id: string;
  status: 'in_progress' | 'completed' | 'generating' | 'failed';
  result: string | null;
  output_format?: string;
}

/** A conversation, summed up. */
export interface CompactionItem {
  type: 'compaction';
  id: string;
  encrypted_content: string;
}

/** A call of another kind, with members by the type. There are more types than these. */
export interface OtherItem {
  type:
    | 'local_shell_call'
    | 'shell_call'
    | 'apply_patch_call'
    | 'tool_search_call'
    | 'web_search_call'
    | 'file_search_call'
    | 'code_interpreter_call'
    | 'computer_call'
    | 'mcp_call'
    | 'mcp_list_tools'
    | 'mcp_approval_request';
  id: string;
  [member: string]: any;
}

export type OutputItem =
  | MessageItem
  | FunctionCallItem
  | CustomCallItem
  | ReasoningItem
  | ImageItem
  | CompactionItem
  | OtherItem;

/** Tokens billed. */
export interface ResponseUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/** A whole answer: `finalResponse`, and `response` of what `collect` gives. Most optional members repeat the request. */
export interface Response {
  id: string;
  object: 'response';
  created_at: number;
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  /** With further members of the upstream's, where they are short. */
  error: { code: string; message: string; [member: string]: unknown } | null;
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null;
  instructions: any;
  metadata: Record<string, string> | null;
  model: string;
  output: OutputItem[];
  parallel_tool_calls: boolean;
  temperature: number | null;
  tool_choice: any;
  tools: any[];
  top_p: number | null;
  usage: ResponseUsage | null;
  previous_response_id?: string | null;
  service_tier?: string;
  /** What hosted tools used, by tool. */
  tool_usage?: Record<string, unknown>;
  background?: boolean;
  completed_at?: number | null;
  frequency_penalty?: number;
  max_output_tokens?: number | null;
  max_tool_calls?: number | null;
  presence_penalty?: number;
  reasoning?: any;
  text?: any;
  truncation?: string;
  store?: boolean;
  top_logprobs?: number;
  prompt_cache_key?: string | null;
  safety_identifier?: string | null;
}

/** A stream begins, goes on, ends: the Response so far. */
export interface StatusEvent {
  type: `response.${'created' | 'in_progress' | 'completed' | 'incomplete' | 'failed'}`;
  sequence_number: number;
  response: Response;
}

interface OfItem<Type extends string> {
  type: Type;
  sequence_number: number;
  item_id: string;
  output_index: number;
}

interface OfPart<Type extends string> extends OfItem<Type> {
  content_index: number;
}

interface OfSummary<Type extends string> extends OfItem<Type> {
  summary_index: number;
}

interface OfOutput<Type extends string> {
  type: Type;
  sequence_number: number;
  output_index: number;
  item: OutputItem;
}

type Part = OutputText | OutputRefusal | ReasoningText;

/** An object of a stream, told by its `type`. */
export type ResponseEvent =
  | StatusEvent
  | OfOutput<'response.output_item.added'>
  | OfOutput<'response.output_item.done'>
  | (OfPart<'response.content_part.added'> & { part: Part })
  | (OfPart<'response.content_part.done'> & { part: Part })
  | (OfPart<'response.output_text.delta'> & { delta: string; logprobs: any[] })
  | (OfPart<'response.output_text.done'> & { text: string; logprobs: any[] })
  | (OfPart<'response.output_text.annotation.added'> & { annotation_index: number; annotation: any })
  | (OfPart<'response.refusal.delta'> & { delta: string })
  | (OfPart<'response.refusal.done'> & { refusal: string })
  | (OfPart<'response.reasoning_text.delta'> & { delta: string })
  | (OfPart<'response.reasoning_text.done'> & { text: string })
  | (OfSummary<'response.reasoning_summary_part.added'> & { part: SummaryText })
  | (OfSummary<'response.reasoning_summary_part.done'> & { part: SummaryText })
  | (OfSummary<'response.reasoning_summary_text.delta'> & { delta: string })
  | (OfSummary<'response.reasoning_summary_text.done'> & { text: string })
  | (OfItem<'response.function_call_arguments.delta'> & { delta: string })
  | (OfItem<'response.function_call_arguments.done'> & { arguments: string; name: string })
  | (OfItem<'response.custom_tool_call_input.delta'> & { delta: string })
  | (OfItem<'response.custom_tool_call_input.done'> & { input: string });
