// The real Claude Code, for one prompt; where it is is in CLAUDE.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const FLAGS = ['--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions'];
const ENDS_MS = 60_000;
/** For what it would ask of anybody but the gateway. */
const NOWHERE = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };
/** `IS_SANDBOX` lets root skip the permissions. */
const QUIET = {
  ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1' },
  ...{ DISABLE_AUTOUPDATER: '1', IS_SANDBOX: '1' },
};

/**
 * What it answers to one prompt; `failure`: what it shows where the turn failed. `isFurther`: in the last session; `env`: more
 * of its environment.
 */
export async function claude(home, { url, prompt, model, isFurther = false, env: more = {} }) {
  const work = join(home, 'work');
  await mkdir(work, { recursive: true });
  const model_ = model === undefined ? [] : ['--model', model];
  const flags = ['-p', prompt, ...(isFurther ? ['-c'] : []), ...model_, ...FLAGS];
  const own = { HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude'), SHELL: '/bin/bash', LANG: 'C.UTF-8' };
  const server = { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-test' };
  const env = { PATH: process.env.PATH, ...own, ...server, ...QUIET, ...NOWHERE, ...more };
  const stdio = ['ignore', 'pipe', 'pipe'];
  const { stdout, stderr } = spawn(process.env.CLAUDE, flags, { cwd: work, env, stdio, timeout: ENDS_MS });
  const pieces = await Promise.all([stdout.toArray(), stderr.toArray()]);
  const [out, err] = pieces.map((parts) => Buffer.concat(parts).toString());
  return { ...readOf(out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)), err), out };
}

function readOf(events, err) {
  const end = events.find(({ type }) => type === 'result');
  assert.ok(end, `${JSON.stringify(events)}\n${err}`);
  const blocks = (own) => events.filter(({ type }) => type === own).flatMap(({ message }) => message.content);
  const results = blocks('user').filter(({ type }) => type === 'tool_result');
  return {
    usage: end.usage,
    failure: end.is_error ? end.result : undefined,
    text: end.result,
    texts: blocks('assistant').filter(({ type }) => type === 'text').map(({ text }) => text),
    thoughts: blocks('assistant').filter(({ type }) => type === 'thinking').map(({ thinking }) => thinking),
    calls: blocks('assistant').filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, input })),
    results: results.map(({ content }) => content),
  };
}
