// A server that speaks only chat, strictly, and answers as the test says: for the gateway and the Codex CLI.
import { createServer } from 'node:http';

const PATH = '/v1/chat/completions';
const MEMBERS = new Set([
  ...['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature'],
  ...['max_tokens', 'reasoning_effort', 'response_format', 'top_p'],
]);
const ROLES = new Set(['system', 'user', 'assistant', 'tool']);

/**
 * `answerOf(request)`: what to answer, `{ text, thinking }`, `{ calls: [[name, arguments]] }`, `{ status, error, headers }`,
 * `{ late }`: an error after this text, or with `isCut` nothing more. `also`: further members that it takes. Gives `{ url, requests, close }`.
 */
export async function startChatServer(answerOf, { also = [] } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const asked = request.url.split('?')[0] === PATH && request.method === 'POST' ? JSON.parse(body) : null;
    const wrong = asked === null ? `no ${request.url} here` : wrongOf(asked, also);
    if (wrong !== null) return refuse(response, asked === null ? 404 : 400, wrong);
    requests.push(asked);
    const { status, error, headers, ...answer } = answerOf(asked);
    if (status !== undefined) return refuse(response, status, error, headers);
    response.writeHead(200, { 'content-type': asked.stream ? 'text/event-stream' : 'application/json' });
    const id = `chatcmpl-${requests.length}`;
    if (!asked.stream) return whole(response, page({ id, model: asked.model }, answer), answer);
    for (const chunk of chunks(answer)) response.write(`data: ${JSON.stringify({ id, ...chunk })}\n\n`);
    if (answer.isCut) return response.write('\n', () => response.destroy());
    response.end(answer.late === undefined ? 'data: [DONE]\n\n' : '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1`, requests, close };
}

function refuse(response, status, message, headers = {}) {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }));
}

/** What a server that knows chat, and no more, does not take. */
function wrongOf({ messages, tools = [], ...request }, also) {
  if (typeof request.model !== 'string') return 'there is no model';
  const member = Object.keys(request).find((name) => !MEMBERS.has(name) && !also.includes(name));
  if (member !== undefined) return `unknown member ${member}`;
  const isTool = ({ type, function: own }) => type === 'function' && /^[\w-]{1,64}$/.test(own?.name);
  const tool = tools.find((tool) => !isTool(tool));
  if (tool !== undefined) return `no such tool ${JSON.stringify(tool)}`;
  const open = [];
  for (const { role, tool_calls: calls = [], tool_call_id: id } of messages) {
    if (!ROLES.has(role)) return `no such role ${role}`;
    if (role === 'tool' ? open.shift() !== id : open.length > 0) return `a call without its output before ${role}`;
    open.push(...calls.map((call) => call.id));
  }
  return open.length > 0 ? 'a call without its output' : null;
}

const GONE = { error: { message: 'The model is gone.', type: 'server_error' } };
const USAGE = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };

/** Arguments come a character at a time. */
function* chunks({ text = '', thinking = '', calls = [], late, isCut }) {
  const choice = (delta, finish = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
  yield choice({ role: 'assistant', content: '' });
  for (const thought of thinking.match(/\S+\s*/g) ?? []) yield choice({ reasoning_content: thought });
  for (const content of (late ?? text).match(/\S+\s*/g) ?? []) yield choice({ content });
  if (isCut) return;
  if (late !== undefined) return yield GONE;
  for (const [index, [name, given]] of calls.entries()) {
    yield choice({ tool_calls: [{ index, id: idOf(index), type: 'function', function: { name, arguments: '' } }] });
    for (const piece of given) yield choice({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield choice({}, calls.length > 0 ? 'tool_calls' : 'stop');
  yield { choices: [], usage: USAGE };
}

function whole(response, text, { isCut }) {
  if (isCut) response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(text);
}

function page(head, { text = null, thinking, calls = [], late, isCut }) {
  if (late !== undefined && !isCut) return JSON.stringify(GONE);
  const toolCalls = calls.map(([name, given], index) => {
    return { id: idOf(index), type: 'function', function: { name, arguments: given } };
  });
  const said = { role: 'assistant', content: text, refusal: null, ...(thinking && { reasoning_content: thinking }) };
  const message = { ...said, ...(calls.length > 0 && { tool_calls: toolCalls }) };
  const choice = { index: 0, message, logprobs: null, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  return JSON.stringify({ ...head, object: 'chat.completion', created: 1_777_000_000, choices: [choice], usage: USAGE });
}

function idOf(index) {
  return `call_${'abc'[index]}`;
}
