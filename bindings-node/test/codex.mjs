// The real Codex CLI, for one prompt; where it is is in CODEX.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FLAGS = ['--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];
const ENDS_MS = 60_000;
/** For what it would ask of anybody but the gateway. */
const NOWHERE = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };

/**
 * What it answers to one prompt; `failure`: what it reports where the turn failed. `name`: of the provider, of which "OpenAI"
 * may compact remotely; `compactAt`: how many tokens make it compact; `isFurther`: in the last session.
 */
export async function codex(home, { url, supports, model, prompt, name = 'gateway', compactAt, isFurther = false }) {
  const work = join(home, 'work');
  await mkdir(work, { recursive: true });
  await writeFile(join(home, 'config.toml'), config({ url, supports, model, name, compactAt }));
  const flags = ['exec', ...(isFurther ? ['resume', '--last'] : []), ...FLAGS, prompt];
  const env = { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, GATEWAY_KEY: 'sk-test', ...NOWHERE };
  const stdio = ['ignore', 'pipe', 'pipe'];
  const { stdout, stderr } = spawn(process.env.CODEX, flags, { cwd: work, env, stdio, timeout: ENDS_MS });
  const pieces = await Promise.all([stdout.toArray(), stderr.toArray()]);
  const [out, err] = pieces.map((parts) => Buffer.concat(parts).toString());
  const events = out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const items = events.filter(({ type }) => type === 'item.completed').map(({ item }) => item);
  const usage = events.find(({ type }) => type === 'turn.completed')?.usage;
  const failure = events.find(({ type }) => type === 'turn.failed')?.error.message;
  assert.ok(usage ?? failure, `${out}\n${err}`);
  return {
    usage,
    failure,
    texts: items.filter(({ type }) => type === 'agent_message').map(({ text }) => text),
    commands: items.filter(({ type }) => type === 'command_execution').map((item) => item.aggregated_output.trim()),
  };
}

function config({ url, supports, model, name, compactAt }) {
  return `
model = "${model}"
${compactAt === undefined ? '' : `model_auto_compact_token_limit = ${compactAt}`}
model_provider = "gateway"
[model_providers.gateway]
name = "${name}"
base_url = "${url}"
wire_api = "responses"
env_key = "GATEWAY_KEY"
supports_websockets = ${supports}
request_max_retries = 0
stream_max_retries = 0
`;
}
