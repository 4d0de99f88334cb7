"""FastAPI: clients of chat, Responses and Messages over an upstream that only streams `/responses`.

The transport does it all: requests, streams, whole answers, failures. Clients bring their key.
"""

import os
from collections.abc import AsyncIterator

import httpx2
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from sluicegate.httpx2 import AsyncSluicegateTransport

URL = os.environ["OPENAI_BASE_URL"]  # https://…/backend-api/codex
app = FastAPI()
http = httpx2.AsyncClient(transport=AsyncSluicegateTransport(upstream="responses", profile="codex"))


@app.post("/v1/chat/completions")
@app.post("/v1/responses")
@app.post("/v1/messages")
async def translate(request: Request) -> StreamingResponse:
    keys = {name: value for name, value in request.headers.items() if name in ("authorization", "x-api-key")}
    url = URL + request.url.path.removeprefix("/v1")
    asked = http.build_request("POST", url, content=await request.body(), headers=keys, timeout=600)
    answer = await http.send(asked, stream=True)
    return StreamingResponse(body(answer), answer.status_code, dict(answer.headers))


async def body(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for frames in answer.aiter_bytes():
            yield frames
    finally:
        await answer.aclose()  # a client that leaves ends the upstream's stream


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8080")))
