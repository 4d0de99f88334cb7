// The gateway as a command: `node gateway.mjs --upstream URL`; `--help` has the rest.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Catalog } from 'sluicegate';
import { ENDPOINTS } from './routes.mjs';
import { DEFAULTS, startGateway } from './server.mjs';

const text = (value) => value;
const number = (value) => (/^\d+$/.test(value) ? Number(value) : undefined);
const onOff = (value) => ({ on: true, off: false })[value];

/** Of each flag its value, what reads it (undefined: that it cannot be), and what it does. */
const FLAGS = {
  'upstream': ['URL', text, 'where there is /responses, such as https://chatgpt.com/backend-api/codex'],
  'upstream-api': ['responses|chat', (value) => ENDPOINTS[value] && value, 'chat: where there is only /chat/completions; default responses'],
  'host': ['NAME', text, `where to listen; default ${DEFAULTS.host}`],
  'port': ['N', number, `default ${DEFAULTS.port}; 0 is any`],
  'store': ['memory|redis://…', text, 'where conversations are kept; default memory'],
  'store-timeout-ms': ['N', number, `how long a Redis may take; default ${DEFAULTS.storeTimeoutMs}`],
  'catalog': ['FILE', catalogOf, 'a /models document, which adds to what is known of models'],
  'websocket': ['on|off', onOff, 'whether clients may come over WebSockets, or are refused with 426; default on'],
  'upstream-websocket': ['on|off', onOff, 'whether the upstream is asked over one where the catalog prefers it; default on'],
  'heartbeat-ms': ['N', number, `a comment in every silence of N ms; default ${DEFAULTS.heartbeatMs}, 0 for none`],
  'hold-ms': ['N', number, `how long a stream's status is held back for a failure; default ${DEFAULTS.holdMs}`],
  'max-body-bytes': ['N', number, `default ${DEFAULTS.maxBodyBytes}`],
  'drain-ms': ['N', number, `how long answers may take to end after SIGTERM; default ${DEFAULTS.drainMs}`],
  'single-tenant': ['on|off', onOff, 'all clients are one: their conversations are kept without credentials; default off'],
  'allow-host': ['NAME', text, 'a further Host; on the loopback only its own names are served'],
  'allow-origin': ['ORIGIN', text, 'pages of this origin may send requests; default none but its own'],
  'image-model': ['NAME', text, `calls the tool that makes images; default ${DEFAULTS.imageModel}`],
};

function help() {
  const lines = Object.entries(FLAGS).map(([name, [value, , what]]) => `  ${`--${name} ${value}`.padEnd(33)}${what}`);
  const end = 'Prints {"url":…} when it listens; then a line of JSON on stderr for each request.';
  return ['node gateway.mjs --upstream URL [options]', '', ...lines, '', end].join('\n');
}

function options() {
  const flags = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options: { ...flags, help: { type: 'boolean' } } });
  if (values.help) return null;
  if (values.upstream === undefined) throw new Error('--upstream URL is needed');
  const given = Object.entries(values).map(([name, value]) => {
    const read = FLAGS[name][1](value);
    if (read === undefined) throw new Error(`--${name} cannot be ${value}`);
    return [camelCase(name), read];
  });
  return Object.fromEntries(given);
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
  if (given === null) return console.log(help());
  const gateway = await startGateway(given);
  console.log(JSON.stringify({ url: gateway.url }));
  const end = () => gateway.close().then(() => process.exit(0));
  process.once('SIGTERM', end).once('SIGINT', end);
}

await main().catch((error) => {
  console.error(error.message);
  process.exit(2);
});
