// Small upstream streams for the tests of the package's own faces; what matters is in fixtures/.
export const DELTA = 'data: {"type":"response.output_text.delta","delta":"Hello"}\n\n';
export const COMPLETED = 'data: {"type":"response.completed","response":{"status":"completed"}}\n\n';
export const FAILED = 'data: {"type":"error","message":"busy","code":"server_error"}\n\n';

/** The same the other way round: what a server that speaks only chat sends. */
export const CHUNK = 'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n';
export const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

/** What a server of Messages sends. */
export const MESSAGE = [
  { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 3 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

export const bytes = (string) => new TextEncoder().encode(string);
export const text = (buffer) => new TextDecoder().decode(buffer);

/** A ReadableStream of these texts that counts what happens to it; then `end` is called with its controller. */
export function upstream(texts, end = (controller) => controller.close()) {
  const seen = { pulls: 0, cancelled: 0 };
  const left = [...texts];
  const stream = new ReadableStream(
    {
      pull(controller) {
        seen.pulls += 1;
        return left.length > 0 ? controller.enqueue(bytes(left.shift())) : end(controller);
      },
      cancel() {
        seen.cancelled += 1;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

/** The same texts as an async iterable; then `end` is called. */
export async function* iterable(texts, end = () => {}) {
  for (const given of texts) yield bytes(given);
  end();
}

/** Nothing more comes, for as long as anybody waits. */
export const silent = () => new Promise(() => {});

/** All that a stream gives, and how it ended. */
export async function gather(source) {
  const pieces = [];
  try {
    for await (const piece of source) pieces.push(text(piece));
    return { out: pieces.join(''), pieces, error: null };
  } catch (error) {
    return { out: pieces.join(''), pieces, error };
  }
}
