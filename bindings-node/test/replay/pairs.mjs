// fixtures/respond, relay, messages, messages_upstream, chat_relay: the other pairs of client and upstream.
import assert from 'node:assert/strict';
import { Collector, Transcoder } from 'sluicegate';
import { collectGarbage, cuttings, json, latin1, replays, whereOf } from '../cases.mjs';

/** What the transcoder makes of chunks cut so. */
function responded(upstream, options, chunks) {
  const transcoder = new Transcoder({ client: 'responses', upstream, ...options });
  const out = [...chunks.map((chunk) => transcoder.feed(chunk)), transcoder.finish()];
  return {
    'output.sse': latin1(Buffer.concat(out)),
    'outcome.json': `${transcoder.outcomeJson}\n`,
    'response.json': `${latin1(transcoder.response())}\n`,
  };
}

/** For clients of Responses, by what the upstream speaks. */
const responds = (upstream) => async (file) => {
  const names = ['output.sse', 'outcome.json', 'response.json'];
  const expected = Object.fromEntries(names.map((name) => [name, latin1(file(name))]));
  expected['outcome.json'] = file('outcome.json').toString();
  const options = json(file('options.json')) ?? undefined;
  let cuts = 0;
  for (const chunks of cuttings(file('input.sse'))) {
    cuts += 1;
    if (cuts % 64 === 0) await collectGarbage();
    assert.deepEqual(responded(upstream, options, chunks), expected, whereOf(chunks));
  }
  assert.ok(cuts >= 2);
};

export const respond = replays('respond', responds('chat'));
export const relay = replays('relay', responds('responses'));

/** What a client is sent, and the outcome. */
function streamed(options, client, upstream, chunks) {
  const transcoder = new Transcoder({ ...options, client, upstream });
  const out = chunks.map((chunk) => transcoder.feed(chunk));
  const stream = latin1(Buffer.concat([...out, transcoder.finish()]));
  return { stream, outcome: `${transcoder.outcomeJson}\n` };
}

function collected(options, upstream, input, client = null) {
  const collector = new Collector({ ...options, client, upstream });
  collector.feed(input);
  collector.finish();
  return collector;
}

export const messages = replays('messages', async (file) => {
  const { upstream = 'responses', options = {} } = json(file('options.json')) ?? {};
  const input = file('input.sse');
  const expected = { stream: latin1(file('output.sse')), outcome: file('outcome.json').toString() };
  for (const chunks of cuttings(input)) {
    assert.deepEqual(streamed(options, 'messages', upstream, chunks), expected);
  }
  for (const client of [null, 'messages']) {
    const collector = collected(options, upstream, input, client);
    assert.equal(`${collector.finalMessage()}\n`, file('message.json').toString());
    for (const body of [collector.finalResponse(), collector.finalCompletion()]) assert.equal(body === null, client !== null);
  }
  await collectGarbage();
});

export const messagesUpstream = replays('messages_upstream', async (file) => {
  const { options = {} } = json(file('options.json')) ?? {};
  const input = file('input.sse');
  const golden = { chat: 'chat.sse', responses: 'responses.sse', messages: 'relayed.sse' };
  for (const chunks of cuttings(input)) {
    for (const [client, own] of Object.entries(golden)) {
      const { stream, outcome } = streamed(options, client, 'messages', chunks);
      assert.equal(stream, latin1(file(own) ?? input), client);
      if (client === 'chat') assert.equal(outcome, file('outcome.json').toString());
    }
  }
  const collector = collected(options, 'messages', input);
  assert.equal(`${collector.finalMessage()}\n`, file('message.json').toString());
  assert.equal(`${collector.finalResponse()}\n`, file('response.json').toString());
  assert.equal(`${collector.finalCompletion()}\n`, file('completion.json').toString());
  await collectGarbage();
});

export const chatRelay = replays('chat_relay', async (file) => {
  const { options = {} } = json(file('options.json')) ?? {};
  const input = file('input.sse');
  const expected = { stream: latin1(file('output.sse') ?? input), outcome: file('outcome.json').toString() };
  for (const chunks of cuttings(input)) assert.deepEqual(streamed(options, 'chat', 'chat', chunks), expected);
  await collectGarbage();
});
