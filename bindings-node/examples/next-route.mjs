// A route handler of Next.js, app/v1/messages/route.js: Claude Code and Anthropic's SDKs over a server that only has chat
// completions. Set ANTHROPIC_BASE_URL of the client to the site.
import { wrapFetch } from 'sluicegate/fetch'

const upstream = wrapFetch(fetch, { upstream: 'chat' })

export const maxDuration = 300

export async function POST(request) {
  const headers = { 'x-api-key': request.headers.get('x-api-key') ?? process.env.OPENAI_API_KEY ?? '' }
  const body = await request.text()
  return upstream(`${process.env.OPENAI_BASE_URL}/messages`, { method: 'POST', headers, body, signal: request.signal })
}
