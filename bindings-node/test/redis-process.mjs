// The other process of a test: records a first turn with one of the clients. Arguments: which, and the URL.
import { Continuation, RedisStore } from 'sluicegate';
import { FIRST, HELLO } from './replay/continuation.mjs';
import { clients } from './redis-clients.mjs';

const [nth, url] = process.argv.slice(2);
const { open, close } = clients[Number(nth)];
const client = open(url);
const store = new RedisStore(client, { timeoutMs: 10_000 });
const tenant = new Continuation('tenant-1');
const unrecorded = await tenant.remember(store, await tenant.resolve(store, FIRST), HELLO);
await close(client);
process.exitCode = unrecorded === null ? 0 : 1;
