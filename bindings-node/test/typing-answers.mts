// Compiled, never run: what clients are given is what the types of the official SDKs say, where these do not ask for more.
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import {
  ChatTranscoder,
  ResponsesRelay,
  ResponsesTranscoderStream,
  Tee,
  Transcoder,
  collect,
  respondSse,
  transcode,
  type ChatChunk,
  type ChatCompletion,
  type ChatDelta,
  type ChatEvent,
  type ChatToolCallDelta,
  type ContentBlock,
  type Dialect,
  type Message,
  type MessageEvent,
  type OtherItem,
  type OutputItem,
  type Response,
  type ResponseEvent,
} from 'sluicegate';

/** Tiers are the upstream's own, a string; the SDK lists those of OpenAI. */
type Tiered<Answer> = Answer & { service_tier?: OpenAI.ChatCompletion['service_tier'] };

/** In pieces of calls the SDK knows only functions. */
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta;
export const call = (ours: ChatToolCallDelta & { type?: 'function' }): OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall => ours;
export const delta = (ours: Omit<ChatDelta, 'tool_calls'>): Delta => ours;
export const choice = (ours: Omit<ChatChoice, 'delta'>): Omit<OpenAI.ChatCompletionChunk.Choice, 'delta'> => ours;
type ChatChoice = ChatChunk['choices'][number];
export const chunk = (ours: Omit<Tiered<ChatChunk>, 'choices'>): Omit<OpenAI.ChatCompletionChunk, 'choices'> => ours;
export const completion = (ours: Tiered<ChatCompletion>): OpenAI.ChatCompletion => ours;
export const history = (ours: ChatCompletion): OpenAI.ChatCompletionMessageParam => ours.choices[0]!.message;

// The SDK adds `output_text`. A code of an error is the upstream's own; the SDK lists those of OpenAI.
type Listed = 'output_text' | 'output' | 'service_tier' | 'truncation' | 'error' | 'usage';
export const response = (ours: Response): Omit<OpenAI.Responses.Response, Listed> => ours;
export const usage = (ours: Response): OpenAI.Responses.ResponseUsage | undefined => ours.usage ?? undefined;
/** Calls of other kinds have their members by the type. */
type Item = Exclude<OutputItem, OtherItem>;
export const item = (ours: Item): OpenAI.Responses.ResponseOutputItem => ours;
export const next = (ours: Item[]): OpenAI.Responses.ResponseInput => ours;

/** But for those with a whole Response or any item, see above. */
type Small<Event> = Event extends { response: unknown } | { item: unknown } ? never : Event;
export const event = (ours: Small<ResponseEvent>): OpenAI.Responses.ResponseStreamEvent => ours;

// What Anthropic's types require and servers leave out: `diagnostics`, `speed`, and in a stream `citations`, `caller` and counts.
type Counted = 'usage' | 'content' | 'diagnostics';
export const message = (ours: Message): Omit<Anthropic.Message, Counted> => ours;
export const block = (ours: ContentBlock): Anthropic.ContentBlockParam => ours;
export const turn = (ours: Message): Anthropic.MessageParam => ours;
type Same = { type: 'content_block_delta' | 'content_block_stop' | 'message_stop' };
export const same = (ours: Extract<MessageEvent, Same>): Anthropic.RawMessageStreamEvent => ours;

/** Objects are of the client's dialect. */
export async function objects(source: ReadableStream<Uint8Array>, client: Dialect): Promise<string> {
  const given: (ChatEvent | null)[] = new ChatTranscoder({ objects: true }).finish();
  const relayed: ResponseEvent[] = new ResponsesRelay({ objects: true }).finish();
  const messages: MessageEvent[] = new Transcoder({ client: 'messages', upstream: 'chat', objects: true }).finish();
  const { chat, responses }: { chat: (ChatEvent | null)[]; responses: ResponseEvent[] } = new Tee({ objects: true }).finish();
  const anything: string[] = new Transcoder({ client, upstream: 'chat', objects: true }).finish();
  const piped: ReadableStream<ResponseEvent[]> = source.pipeThrough(new ResponsesTranscoderStream({ objects: true }));
  for await (const events of transcode(source, { client: 'chat', upstream: 'responses', objects: true })) {
    for (const event of events) {
      if (event !== null && 'choices' in event) return event.choices[0]?.delta.content ?? '';
      if (event !== null) console.log(event.error.message);
    }
  }
  for await (const [event] of respondSse(source, { objects: true })) {
    if (event?.type === 'response.output_text.delta') return event.delta;
    if (event?.type === 'response.completed') return event.response.output[0]?.id ?? '';
  }
  for (const item of (JSON.parse(Buffer.from((await collect(source)).response).toString()) as Response).output) {
    if (item.type === 'function_call') return item.arguments;
    if (item.type === 'message' && item.content[0]?.type === 'output_text') return item.content[0].text;
  }
  console.log(given, relayed, messages, chat, responses, anything, piped);
  const again = transcode([{ type: 'ping' }, 'data: {}'].values() as never, { client: 'chat', upstream: 'messages' });
  // @ts-expect-error bytes, where no objects are asked for
  for await (const [event] of again) console.log(event.choices);
  return '';
}
