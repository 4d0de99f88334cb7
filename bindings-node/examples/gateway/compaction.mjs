// Requests to compact a conversation as Responses requests, and their answers.
// Input: a request to /responses/compact; a final Response. Output: a request to /responses; what the former is answered. State: none.
import { envelope } from './answers.mjs';

const TRIGGER = { type: 'compaction_trigger' };
const USAGE = {
  ...{ input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};

/** `{ body }`, or `{ failure }` to answer with. */
export function compactionRequest(given) {
  const asked = parsed(given);
  if (asked === null) return { failure: envelope(400, 'the body is not a JSON object') };
  const { model, input = [], stream, ...others } = asked;
  if (typeof model !== 'string') return { failure: envelope(400, "Missing required parameter: 'model'.", { param: 'model' }) };
  const items = typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input;
  if (!Array.isArray(items)) return { failure: envelope(400, 'input must be a string or a list', { param: 'input' }) };
  return { body: Buffer.from(JSON.stringify({ model, input: [...items, TRIGGER], ...others })) };
}

/** What the endpoint answers; null where nothing was compacted. */
export function compactionResponse(given) {
  const { id, created_at: created = 0, output: all = [], usage } = parsed(given) ?? {};
  const output = all.filter(({ type }) => /^(compaction|compaction_summary|context_compaction)$/.test(type));
  if (output.length === 0) return null;
  return Buffer.from(JSON.stringify({ id, object: 'response.compaction', created_at: created, output, usage: { ...USAGE, ...usage } }));
}

function parsed(body) {
  try {
    const asked = JSON.parse(Buffer.from(body).toString());
    return typeof asked === 'object' ? asked : null;
  } catch {
    return null;
  }
}
