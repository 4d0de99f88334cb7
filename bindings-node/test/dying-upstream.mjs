// An upstream to be killed: it prints its URL, streams for ever, and is mute where the model is `mute`.
import { COMPLETED, CREATED, begin, delta, scripted, sse, write } from './gateways.mjs';

const { url } = await scripted(async (response, body) => {
  const { model } = JSON.parse(body);
  if (model === 'mute') return;
  begin(response);
  await write(response, sse(CREATED));
  if (model === 'short') return response.end(Buffer.concat([delta('Hello'), COMPLETED].map(sse)));
  while (await write(response, sse(delta('more ')))) await new Promise((done) => setTimeout(done, 10));
});
console.log(JSON.stringify({ url }));
