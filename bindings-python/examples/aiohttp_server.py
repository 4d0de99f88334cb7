"""aiohttp, by hand: Responses for the Codex CLI and agent SDKs over a server that only has chat."""

import os

from aiohttp import ClientSession, web
from sluicegate import Error, acollect, atranscode, convert_request, error_envelope

HTTP = web.AppKey("http", ClientSession)


async def responses(request: web.Request) -> web.StreamResponse:
    try:
        asked = convert_request(await request.read(), "responses", upstream="chat")
    except Error as refused:  # it must not be sent
        return web.json_response(refused.envelope, status=refused.status or 400)
    headers = {"content-type": "application/json", "authorization": request.headers.get("authorization", "")}
    async with request.app[HTTP].post("chat/completions", data=asked.body, headers=headers) as got:
        if got.status >= 400:
            failure = error_envelope(await got.read(), status=got.status, headers=got.headers)
            return web.json_response(failure["body"], status=failure["status"])
        chunks = got.content.iter_any()
        if not asked.context["stream"]:
            whole = await acollect(chunks, upstream="chat", context=asked.context)
            failed = whole.outcome["failure"]
            return web.json_response(body=whole.response, status=failed["status"] if failed else 200)
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        async for frames in atranscode(chunks, client="responses", upstream="chat", context=asked.context):
            await answer.write(frames)
        return answer


async def main() -> web.Application:
    app = web.Application(client_max_size=64 << 20)
    app[HTTP] = ClientSession(os.environ["OPENAI_BASE_URL"] + "/")
    app.router.add_post("/v1/responses", responses)
    return app


web.run_app(main(), port=int(os.environ.get("PORT", "8080")))
