// Images API requests as Responses requests.
// Input: a request to the Images API. Output: a Responses request that has a tool make the image. State: none.
import { envelope } from './answers.mjs';

/** What the tool is given, by the same names. */
const PASSED = ['model', 'size', 'quality', 'background', 'output_format', 'output_compression', 'moderation'];
const INSTRUCTIONS = 'Make exactly one image with the image_generation tool, of what the user says. Write no text.';

/** `{ body }`, or `{ failure }` to answer with. `hostModel` is the model that calls the tool. */
export function imagesRequest(given, hostModel) {
  const asked = parsed(given);
  if (asked === null) return { failure: envelope(400, 'the body is not a JSON object') };
  const wrong = UNABLE.find(([param, isFine]) => !isFine(asked[param] ?? null));
  if (wrong !== undefined) return { failure: envelope(400, wrong[2], { param: wrong[0] }) };
  const tool = Object.fromEntries(PASSED.filter((name) => name in asked).map((name) => [name, asked[name]]));
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: asked.prompt }] }];
  const tools = [{ type: 'image_generation', ...tool }];
  return { body: Buffer.from(JSON.stringify({ model: hostModel, instructions: INSTRUCTIONS, input, tools })) };
}

const UNABLE = [
  ['prompt', (prompt) => typeof prompt === 'string', 'prompt must be a string'],
  ['n', (n) => n === null || n === 1, 'one image at a time'],
  ['stream', (stream) => stream !== true, 'images are not streamed here'],
  ['response_format', (format) => format !== 'url', 'images come as b64_json'],
];

function parsed(body) {
  try {
    const asked = JSON.parse(Buffer.from(body).toString());
    return typeof asked === 'object' ? asked : null;
  } catch {
    return null;
  }
}
