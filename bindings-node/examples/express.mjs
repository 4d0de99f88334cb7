// Express, by hand: chat completions over an upstream that only streams `/responses`.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import { Profile, SluicegateError, TranscoderStream, collect, convertRequest, errorEnvelope } from 'sluicegate'

const url = `${process.env.OPENAI_BASE_URL}/responses`
const roles = { client: 'chat', upstream: 'responses' }
const profile = new Profile('codex')

const app = express()
app.post('/v1/chat/completions', express.raw({ type: '*/*', limit: '64mb' }), async (request, response) => {
  const { body, context } = convertRequest(request.body, { ...roles, profile })
  const left = new AbortController()
  response.once('close', () => left.abort()) // a client that leaves ends the upstream's stream
  const headers = { ...profile.headers(), authorization: request.headers.authorization ?? '' }
  const upstream = await fetch(url, { method: 'POST', body, headers, signal: left.signal })
  if (!upstream.ok) {
    const given = { status: upstream.status, headers: Object.fromEntries(upstream.headers), body: await upstream.text() }
    const failure = errorEnvelope(given)
    return response.status(failure.status).json(failure.body)
  }
  if (context.stream) {
    response.type('text/event-stream')
    return pipeline(Readable.fromWeb(upstream.body.pipeThrough(new TranscoderStream({ ...roles, context }))), response)
  }
  const { completion, outcome } = await collect(upstream.body, { context })
  response.status(outcome.failure?.status ?? 200).type('json').end(completion) // of a failure it is the error's body
})
app.use((error, request, response, next) => {
  if (!(error instanceof SluicegateError) || response.headersSent) return next(error)
  response.status(error.status ?? 400).json(error.envelope) // a request that must not be sent
})
app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1')
