// The AI SDK, as it is, on a Claude server: its OpenAI provider takes a `fetch`.
import { createOpenAI } from '@ai-sdk/openai'
import { jsonSchema, stepCountIs, streamText, tool } from 'ai'
import { wrapFetch } from 'sluicegate/fetch'

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, fetch: wrapFetch(fetch, { upstream: 'messages' }) })
const inputSchema = jsonSchema({ type: 'object', properties: { q: { type: 'integer' } }, required: ['q'] })
const square = tool({ description: 'The square of an integer.', inputSchema, execute: ({ q }) => q * q })

const { textStream } = streamText({
  model: openai.chat(process.env.MODEL ?? 'claude-sonnet-4-5'),
  prompt: 'Use the tool: what is the square of 7?',
  tools: { square },
  stopWhen: stepCountIs(5),
})
for await (const text of textStream) process.stdout.write(text)
console.log()
