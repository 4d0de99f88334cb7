// Hono, on any runtime with `fetch`: clients of chat, Responses and Messages over an upstream that only streams `/responses`.
import { Hono } from 'hono'
import { wrapFetch } from 'sluicegate/fetch'

const upstream = wrapFetch(fetch, { upstream: 'responses', profile: 'codex' })
const keys = ['authorization', 'x-api-key', 'chatgpt-account-id']

const app = new Hono()
for (const path of ['/chat/completions', '/responses', '/messages']) {
  app.post(`/v1${path}`, async ({ req }) => {
    const headers = keys.flatMap((name) => (req.header(name) ? [[name, req.header(name)]] : []))
    const body = await req.text()
    return upstream(`${process.env.OPENAI_BASE_URL}${path}`, { method: 'POST', headers, body, signal: req.raw.signal })
  })
}

export default app // Bun, Deno and Workers serve this; Node by @hono/node-server
