"""Starlette, by hand: chat completions over an upstream that only streams `/responses`."""

import os
from contextlib import aclosing

import httpx2
import uvicorn
from sluicegate import Error, Profile, acollect, atranscode, convert_request, error_envelope
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

http = httpx2.AsyncClient(base_url=os.environ["OPENAI_BASE_URL"], timeout=600)


async def chat(request: Request) -> Response:
    try:
        asked = convert_request(await request.body(), "chat", upstream="responses", profile="codex")
    except Error as refused:  # it must not be sent
        return JSONResponse(refused.envelope, refused.status or 400)
    headers = Profile("codex").headers() | {"authorization": request.headers.get("authorization", "")}
    sent = http.build_request("POST", "responses", content=asked.body, headers=headers)
    got = await http.send(sent, stream=True)
    if got.is_error:
        failure = error_envelope(await got.aread(), status=got.status_code, headers=got.headers)
        return JSONResponse(failure["body"], failure["status"])
    if asked.context["stream"]:
        frames = atranscode(got.aiter_bytes(), client="chat", upstream="responses", context=asked.context)
        return StreamingResponse(frames, media_type="text/event-stream")
    async with aclosing(got):
        whole = await acollect(got.aiter_bytes(), context=asked.context)
    failed = whole.outcome["failure"]  # then the completion is an error's body
    return Response(whole.completion, failed["status"] if failed else 200, media_type="application/json")


app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8080")))
