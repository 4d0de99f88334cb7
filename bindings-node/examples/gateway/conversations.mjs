// Conversations by `previous_response_id`.
// Input: requests that continue a response; answers. Output: whole requests. State: conversations, in a store.
// They are prompts in plain text; docs/guides/encrypted-records.md has what a Redis should be given beside.
import { createHash, randomBytes } from 'node:crypto';
import { Continuation, MemoryStore, RedisStore } from 'sluicegate';
import { CREDENTIALS } from './headers.mjs';

const MAX_OF_CONNECTION = { maxEntries: 16, maxBytes: 64 * 1024 * 1024 };

/** `memory`, or the URL of a Redis or Valkey. One that is down costs the requests that need it, and no others. */
export async function openStore(given, { log, storeTimeoutMs }) {
  if (given === 'memory') return { store: new MemoryStore(), close: async () => {} };
  const { createClient } = await import('redis');
  const client = createClient({ url: given });
  client.on('error', (error) => log({ store: 'error', code: error.code ?? error.name }));
  client.connect().catch(() => {}); // it goes on trying; the commands wait, for as long as the store lets them
  return { store: new RedisStore(client, { timeoutMs: storeTimeoutMs }), close: async () => client.destroy() };
}

/**
 * Who asks: the hash of every credential that is passed on. A client that passes none is nobody, which is null: nothing is
 * kept for it, as everybody would find it. `singleTenant`: all clients are one.
 */
export function tenantOf(headers, { singleTenant }) {
  const names = singleTenant ? [] : CREDENTIALS.filter((name) => headers.has(name));
  if (!singleTenant && names.length === 0) return null;
  return createHash('sha256').update(JSON.stringify(names.map((name) => [name, headers.get(name)]))).digest('hex');
}

/** The id of an answer that is recorded: an upstream's may come twice, or be guessed. */
export function newId() {
  return `resp_${randomBytes(16).toString('hex')}`;
}

/** Nobody's store. */
const NOTHING = { get: async () => null, put: async () => {} };

/** The conversations of one tenant, or nobody's. */
export class Conversation {
  #continuation;
  #store;
  #origin;

  constructor(tenant, store, { origin, recordUnstored = false }) {
    this.#continuation = new Continuation(tenant ?? 'nobody', { recordUnstored });
    this.#store = tenant === null ? NOTHING : store;
    this.#origin = origin;
  }

  resolve(body) {
    return this.#continuation.resolve(this.#store, body);
  }

  /** Why there is no record, or null; a store that fails costs the record and not the answer. */
  async remember(turn, response) {
    const remembering = this.#continuation.remember(this.#store, turn, response, { origin: this.#origin });
    return remembering.catch((error) => error.code);
  }
}

/** Those of one WebSocket: on it even what is not stored can be gone on from. */
export class ConnectionConversation extends Conversation {
  #tenants;

  constructor(tenant, store, { origin }) {
    const others = tenant === null ? NOTHING : store;
    super(tenant ?? 'connection', before(new MemoryStore(MAX_OF_CONNECTION), others), { origin, recordUnstored: true });
    this.#tenants = new Conversation(tenant, store, { origin });
  }

  async remember(turn, response) {
    await this.rememberHere(turn, response);
    return this.#tenants.remember(turn, response);
  }

  /** On this WebSocket alone: no upstream answered it. */
  rememberHere(turn, response) {
    return super.remember(turn, response);
  }
}

/** A store that is asked before another one. */
function before(own, other) {
  const [put, putNew] = [own.put, own.putNew].map((method) => method.bind(own));
  return { get: async (key) => own.get(key) ?? (await other.get(key)), put, putNew };
}
