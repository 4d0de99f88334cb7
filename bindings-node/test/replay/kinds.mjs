// What replays which folder of fixtures: Node's suites and every runtime run these tests.
// Input: the fixtures. Output: of each folder a list of `{ name, run }`. No file here uses what only Node has.
import { chat } from './chat.mjs';
import { continuation } from './continuation.mjs';
import { document, known, lint } from './documents.mjs';
import { envelope, otel } from './failures.mjs';
import { hostile } from './hostile.mjs';
import { images, imagesStream, textCompletion } from './images.mjs';
import { chatRelay, messages, messagesUpstream, relay, respond } from './pairs.mjs';
import { countTokens, parts, probe } from './parts.mjs';
import { profile, sdk } from './profiles.mjs';
import { fromMessages, request, toChat, toMessages } from './requests.mjs';
import { route } from './routes.mjs';
import { snapshots } from './snapshots.mjs';
import { sse } from './sse.mjs';
import { websocket } from './websocket.mjs';

export const STREAMS = {
  sse,
  chat: [...chat, ...snapshots('chat', 'responses')],
  respond: [...respond, ...snapshots('respond', 'chat')],
  relay: [...relay, ...snapshots('relay', 'responses')],
  messages,
  messages_upstream: [...messagesUpstream, ...snapshots('messages_upstream', 'messages')],
  chat_relay: chatRelay,
  document,
  known,
  lint,
  images,
  images_stream: imagesStream,
  text_completion: textCompletion,
  hostile,
};

export const REQUESTS = {
  request,
  to_chat: toChat,
  from_messages: fromMessages,
  to_messages: toMessages,
  parts,
  count_tokens: countTokens,
  probe,
  profile,
  sdk,
  envelope,
  otel,
  route,
  websocket,
  continuation,
};
