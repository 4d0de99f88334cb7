// The least that a gateway in Node can do: node pass.mjs UPSTREAM passes bytes on.
import { Agent, createServer, request } from 'node:http';

const upstream = `${process.argv[2]}/responses`;
const agent = new Agent({ keepAlive: true });
const headers = { 'content-type': 'application/json' };

const server = createServer((asked, answer) => {
  const length = asked.headers['content-length'];
  const sent = request(upstream, { method: 'POST', agent, headers: { ...headers, 'content-length': length } }, (got) => {
    answer.writeHead(got.statusCode, { 'content-type': got.headers['content-type'] });
    got.pipe(answer);
  });
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  asked.pipe(sent);
});
server.listen(0, '127.0.0.1', 8192, () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
