// A gateway at the edge, for workerd and Cloudflare Workers: clients of chat, Responses and Messages over an upstream of any dialect.
// `UPSTREAM_URL` and `UPSTREAM_DIALECT` are bindings of the worker; the key is the client's own.
import { wrapFetch } from 'sluicegate/fetch'

const KEYS = ['authorization', 'x-api-key', 'chatgpt-account-id']
const PATHS = ['/chat/completions', '/responses', '/messages']

/** By dialect: options are checked once, not with each request. */
const upstreams = new Map()

function upstreamOf(dialect) {
  if (!upstreams.has(dialect)) upstreams.set(dialect, wrapFetch((url, init) => fetch(url, init), { upstream: dialect }))
  return upstreams.get(dialect)
}

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname.replace(/^\/v1/, '')
    if (request.method !== 'POST' || !PATHS.includes(path)) return new Response('not found', { status: 404 })
    const headers = KEYS.flatMap((name) => (request.headers.has(name) ? [[name, request.headers.get(name)]] : []))
    headers.push(['content-type', 'application/json'])
    const upstream = upstreamOf(env.UPSTREAM_DIALECT)
    return upstream(env.UPSTREAM_URL + path, { method: 'POST', headers, body: await request.text(), signal: request.signal })
  },
}
