"""Flask, by hand: chat completions over an upstream that only streams `/responses`."""

import os

import flask
import httpx2
from sluicegate import Error, Profile, collect, convert_request, error_envelope, transcode

app = flask.Flask(__name__)
http = httpx2.Client(base_url=os.environ["OPENAI_BASE_URL"], timeout=600)


@app.post("/v1/chat/completions")
def chat() -> flask.Response:
    try:
        asked = convert_request(flask.request.get_data(), "chat", upstream="responses", profile="codex")
    except Error as refused:  # it must not be sent
        return answered(refused.envelope, refused.status or 400)
    headers = Profile("codex").headers() | {"authorization": flask.request.headers.get("authorization", "")}
    got = http.send(http.build_request("POST", "responses", content=asked.body, headers=headers), stream=True)
    if got.is_error:
        failure = error_envelope(got.read(), status=got.status_code, headers=got.headers)
        return answered(failure["body"], failure["status"])
    if asked.context["stream"]:
        frames = transcode(got.iter_bytes(), client="chat", upstream="responses", context=asked.context)
        response = flask.Response(frames, mimetype="text/event-stream")
        response.call_on_close(got.close)  # also where the client leaves
        return response
    whole = collect(got.iter_bytes(), context=asked.context)
    failed = whole.outcome["failure"]  # then the completion is an error's body
    return answered(whole.completion, failed["status"] if failed else 200)


def answered(body: object, status: int) -> flask.Response:
    text = body if isinstance(body, bytes) else flask.json.dumps(body)
    return flask.Response(text, status, mimetype="application/json")


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
