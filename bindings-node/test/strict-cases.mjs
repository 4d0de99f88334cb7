// Requests that the strict backend takes, and what the requests of the tests are made of.

export const user = (text) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });

/** The least it takes, and the same as a frame. */
export const LEAST = { model: 'gpt-5.5', instructions: 'Be brief.', input: [user('Hi')], store: false, stream: true };
export const FRAME = { type: 'response.create', ...LEAST };

export const LONG = 'x'.repeat(65);
export const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
export const output = { type: 'function_call_output', call_id: 'call_1', output: 'done' };
export const custom = { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: '*** Begin Patch' };
const patched = { type: 'custom_tool_call_output', call_id: 'call_1', output: [] };
export const search = { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: { query: 'q' } };
const found = { type: 'tool_search_output', call_id: 'call_1', execution: 'client', tools: [] };
const shell = { type: 'local_shell_call', id: 'lsh_1', call_id: 'call_2', action: {} };
export const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
export const f = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } };
export const space = { type: 'namespace', name: 'space', tools: [f, { type: 'custom', name: 'patch' }] };
export const extra = { type: 'additional_tools', role: 'developer', tools: [space] };

export const text = { type: 'input_text', text: 'Hi' };
export const answered = { type: 'output_text', text: 'Hi' };
export const image = { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' };
export const file = { type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,SGk=' };

/** Instead of instructions, in a frame. */
export const LITE = {
  instructions: undefined,
  client_metadata: { ws_request_header_x_openai_internal_codex_responses_lite: 'true' },
};

/** With these members instead. */
export const but = (members) => ({ ...LEAST, ...members });
/** With these items as input. */
export const of = (...input) => but({ input });
export const messageOf = (role, content, more) => ({ type: 'message', role, content, ...more });

/** `[what, request, transport?]` */
export const ACCEPTED = [
  ['the least', LEAST],
  ['the least as a frame', FRAME, 'websocket'],
  ['a frame without stream', { ...FRAME, stream: undefined }, 'websocket'],
  ['a WebSocket model in a frame', { ...FRAME, model: 'ws-only-model' }, 'websocket'],
  ['a warm-up', { ...FRAME, generate: false }, 'websocket'],
  ['a Lite warm-up', { ...FRAME, ...LITE, generate: false, input: [] }, 'websocket'],
  ['the tail of a Lite request', { ...FRAME, ...LITE, previous_response_id: 'resp_1', input: [output] }, 'websocket'],
  ['an empty tail', { ...FRAME, previous_response_id: 'resp_1', input: [] }, 'websocket'],
  ['the output to a previous call', { ...FRAME, previous_response_id: 'resp_1', input: [output] }, 'websocket'],
  [
    'every parameter',
    but({
      tools: [f],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'xhigh', summary: 'auto' },
      stream_options: { reasoning_summary_delivery: 'sequential_cutoff' },
      include: ['reasoning.encrypted_content'],
      service_tier: 'priority',
      prompt_cache_key: 'key',
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', strict: true, schema: {} } },
      client_metadata: { session_id: 's' },
    }),
  ],
  ['a Lite request', { ...of(extra, messageOf('developer', 'Be brief.'), user('Hi')), instructions: undefined }],
  ['bare messages', of(...['user', 'assistant', 'developer'].map((role) => ({ role, content: 'Hi' })))],
  ['parts of the user', of(messageOf('user', [text, image, file]))],
  ['parts of the assistant', of(messageOf('assistant', [answered, { type: 'refusal', refusal: 'No.' }]))],
  ['parts of an output', of(call, { ...output, output: [text, image, file] })],
  ['calls of the client', of(call, output, custom, patched, search, found)],
  ['a local shell', of(shell, { type: 'local_shell_call_output', id: 'call_2', output: 'done' })],
  ['a local shell with the output of a function', of(shell, { ...output, call_id: 'call_2' })],
  ['a call of the backend', of({ ...search, execution: 'server' }, user('Hi'))],
  ['an output of the backend', of({ ...found, execution: 'server' }, user('Hi'))],
  ['hosted calls', of({ type: 'web_search_call', id: 'ws_1' }, { type: 'image_generation_call', id: 'ig_1' })],
  ['ids', of({ ...reasoning, content: null }, { ...call, id: 'fc_1' }, { ...output, id: 'fco_1' })],
  ['a trigger of compaction', of(user('Hi'), { type: 'compaction_trigger' })],
  ['a name of 64', but({ tools: [{ ...f, name: LONG.slice(1) }] })],
  ['hosted tools', but({ tools: ['image_generation', 'web_search', 'tool_search'].map((type) => ({ type })) })],
  ['a choice in a namespace', but({ tools: [space], tool_choice: { type: 'custom', name: 'patch' } })],
  ['a choice in additional_tools', { ...of(extra, user('Hi')), tool_choice: { type: 'function', name: 'f' } }],
  ['allowed tools', but({ tools: [f], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [f] } })],
];
