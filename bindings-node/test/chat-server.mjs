// A server that speaks only chat, strictly, and answers as the test says: for the gateway and the Codex CLI.
import { createServer } from 'node:http';

const PATH = '/v1/chat/completions';
const MEMBERS = new Set([
  ...['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature'],
  ...['max_tokens', 'reasoning_effort', 'response_format', 'top_p'],
]);
const ROLES = new Set(['system', 'user', 'assistant', 'tool']);

/**
 * `answerOf(request)`: what to answer, `{ text }`, `{ thought }`, `{ calls: [[name, arguments]] }`, `{ status, error }`,
 * `{ late }`: an error after this text, or `{ cut }`: nothing after this text; with `pauseMs` before the last chunk. `also`:
 * further members that it takes. Gives `{ url, requests, close }`.
 */
export async function startChatServer(answerOf, { also = [] } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const asked = request.url.split('?')[0] === PATH && request.method === 'POST' ? JSON.parse(body) : null;
    const wrong = asked === null ? `no ${request.url} here` : wrongOf(asked, also);
    if (wrong !== null) return refuse(response, asked === null ? 404 : 400, wrong);
    requests.push(asked);
    const { status, error, pauseMs = 0, ...answer } = answerOf(asked);
    if (status !== undefined) return refuse(response, status, error);
    response.writeHead(200, { 'content-type': asked.stream ? 'text/event-stream' : 'application/json' });
    const id = `chatcmpl-${requests.length}`;
    if (!asked.stream) return response.end(page({ id, model: asked.model }, answer));
    for (const chunk of chunks(answer)) {
      if (pauseMs > 0 && 'usage' in chunk) await new Promise((done) => setTimeout(done, pauseMs));
      response.write(`data: ${JSON.stringify({ id, ...chunk })}\n\n`);
    }
    if (answer.cut !== undefined) return response.socket?.destroySoon();
    response.end(answer.late === undefined ? 'data: [DONE]\n\n' : '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1`, requests, close };
}

/** `error`: the message, or `{ message, headers }`. */
function refuse(response, status, error) {
  const { message, headers = {} } = typeof error === 'string' ? { message: error } : error;
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }));
}

/** What a server that knows chat, and no more, does not take. */
export function wrongOf({ messages, tools = [], ...request }, also = []) {
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
function* chunks({ text = '', thought, calls = [], late, cut }) {
  const choice = (delta, finish = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
  yield choice({ role: 'assistant', content: '' });
  if (thought !== undefined) yield choice({ reasoning_content: thought });
  for (const content of (late ?? cut ?? text).match(/\S+\s*/g) ?? []) yield choice({ content });
  if (cut !== undefined) return;
  if (late !== undefined) return yield GONE;
  for (const [index, [name, given]] of calls.entries()) {
    yield choice({ tool_calls: [{ index, id: idOf(index), type: 'function', function: { name, arguments: '' } }] });
    for (const piece of given) yield choice({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield choice({}, calls.length > 0 ? 'tool_calls' : 'stop');
  yield { choices: [], usage: USAGE };
}

function page(head, { text = null, calls = [], late, cut }) {
  if ((late ?? cut) !== undefined) return JSON.stringify(GONE);
  const toolCalls = calls.map(([name, given], index) => {
    return { id: idOf(index), type: 'function', function: { name, arguments: given } };
  });
  const message = { role: 'assistant', content: text, refusal: null, ...(calls.length > 0 && { tool_calls: toolCalls }) };
  const choice = { index: 0, message, logprobs: null, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  return JSON.stringify({ ...head, object: 'chat.completion', created: 1_777_000_000, choices: [choice], usage: USAGE });
}

function idOf(index) {
  return `call_${'abc'[index]}`;
}
