// The gateway in front of the strict backend that the tests use: nothing leaves this machine.
import { startStrictBackend } from '../../test/strict-backend.mjs';
import { startGateway } from './server.mjs';

const backend = await startStrictBackend();
const port = Number(process.env.PORT ?? 8080);
const gateway = await startGateway({ upstream: `${backend.url}/backend-api/codex`, port });
const body = JSON.stringify({ model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: 'Hi' }] });
console.log(`A gateway listens on ${gateway.url}, with a stand-in for the backend behind it. Try:

curl -N ${gateway.url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'
`);
const end = () => Promise.all([gateway.close(), backend.close()]).then(() => process.exit(0));
process.once('SIGINT', end).once('SIGTERM', end);
