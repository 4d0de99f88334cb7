// The gateway as a command: `node gateway.mjs --upstream URL`; `--help` has the rest.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Catalog } from 'sluicegate';
import { DEFAULTS, startGateway } from './server.mjs';

const HELP = `node gateway.mjs --upstream URL [options]

  --upstream URL             where there is /responses, such as https://chatgpt.com/backend-api/codex
  --upstream-api responses|chat  chat: where there is only /chat/completions, such as a local server; default responses
  --port N, --host NAME      where to listen; default ${DEFAULTS.host}:${DEFAULTS.port}, port 0 is any
  --store memory|redis://…   where conversations are kept; default memory
  --store-timeout-ms N       how long a Redis may take; default ${DEFAULTS.storeTimeoutMs}
  --catalog FILE             a /models document, which adds to what is known of models
  --websocket on|off         whether clients may use WebSockets, or are refused with 426; default on
  --upstream-websocket on|off  whether the upstream is asked over one where the catalog prefers it; default on
  --heartbeat-ms N           a comment in every silence of N ms; default ${DEFAULTS.heartbeatMs}, 0 for none
  --hold-ms N                how long a stream's status is held back for a failure; default ${DEFAULTS.holdMs}
  --max-body-bytes N         default ${DEFAULTS.maxBodyBytes}
  --drain-ms N               how long answers may take to end after SIGTERM; default ${DEFAULTS.drainMs}
  --single-tenant on|off     all clients are one: their conversations are kept without credentials; default off
  --allow-host NAME          a further Host; on the loopback only its own names are served
  --allow-origin ORIGIN      pages of this origin may send requests; default none but the server's own
  --image-model NAME         calls the tool that makes images; default ${DEFAULTS.imageModel}

Prints {"url":…} when it listens; then a line of JSON on stderr for each request.`;

const TEXTS = ['upstream', 'host', 'store', 'image-model', 'allow-host', 'allow-origin'];
const CATALOG = 'catalog';
const API = 'upstream-api';
const SWITCHES = ['websocket', 'upstream-websocket', 'single-tenant'];
const NUMBERS = ['port', 'store-timeout-ms', 'heartbeat-ms', 'hold-ms', 'max-body-bytes', 'drain-ms'];
const READ = { on: true, off: false };
const APIS = { responses: 'responses', chat: 'chat' };

function options() {
  const names = [API, CATALOG, ...TEXTS, ...SWITCHES, ...NUMBERS];
  const flags = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options: { ...flags, help: { type: 'boolean' } } });
  if (values.help) return null;
  if (values.upstream === undefined) throw new Error('--upstream URL is needed');
  const given = Object.entries(values).map(([name, value]) => [camelCase(name), valueOf(name, value)]);
  return Object.fromEntries(given);
}

function valueOf(name, value) {
  const read = readerOf(name)(value);
  if (read === undefined || (NUMBERS.includes(name) && !(Number.isInteger(read) && read >= 0))) {
    throw new Error(`--${name} cannot be ${value}`);
  }
  return read;
}

function readerOf(name) {
  if (NUMBERS.includes(name)) return Number;
  if (SWITCHES.includes(name)) return (value) => READ[value];
  if (name === API) return (value) => APIS[value];
  return name === CATALOG ? catalogOf : (value) => value;
}

function catalogOf(path) {
  const catalog = new Catalog();
  catalog.mergeLive(readFileSync(path));
  return catalog;
}

function camelCase(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}

async function main() {
  const given = options();
  if (given === null) return console.log(HELP);
  const gateway = await startGateway(given);
  console.log(JSON.stringify({ url: gateway.url }));
  const end = () => gateway.close().then(() => process.exit(0));
  process.once('SIGTERM', end).once('SIGINT', end);
}

await main().catch((error) => {
  console.error(error.message);
  process.exit(2);
});
