// The clients that a RedisStore takes, each with what the tests need of it. Every one goes on trying for ever.
import { Redis } from 'ioredis';
import { createClient as createClient4 } from 'node-redis-4';
import { createClient } from 'redis';

const closed = new WeakSet();
const forever = { reconnectStrategy: () => 50 };

/** Says where it cannot go, as long as the test wants it to be lost. */
function quiet(client) {
  return client.on('error', () => {});
}

/** `open` gives a client that is connecting; nobody waits for it, for it may never be. */
export const clients = [
  {
    name: 'node-redis',
    open: (url) => {
      const client = quiet(createClient({ url, socket: forever }));
      client.connect().catch(() => {});
      return client;
    },
    close: (client) => client.destroy(),
    ask: (client, ...args) => client.sendCommand(args),
  },
  {
    name: 'node-redis 4',
    open: (url) => {
      // One that is closed while it connects would go on for ever, too.
      const reconnectStrategy = () => (closed.has(client) ? false : 50);
      const client = quiet(createClient4({ url, socket: { reconnectStrategy } }));
      client.connect().catch(() => {});
      return client;
    },
    // Its disconnect leaves something behind that keeps the process, where an answer is on its way.
    close: async (client) => {
      closed.add(client);
      await (client.isReady ? client.quit() : client.disconnect()).catch(() => {});
    },
    ask: (client, ...args) => client.sendCommand(args),
  },
  {
    name: 'ioredis',
    open: (url) => quiet(new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })),
    close: (client) => client.disconnect(),
    ask: (client, ...args) => client.call(...args),
  },
];
