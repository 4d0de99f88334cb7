"""A custom provider of LiteLLM: its models are asked on an upstream that only streams `/responses`.

import litellm, litellm_provider
litellm.completion(model="sluicegate/gpt-5.5", messages=[…], stream=True)
"""

from collections.abc import Iterator
from typing import Any

import httpx2
import litellm
import openai
from litellm.llms.custom_llm import CustomLLM, CustomLLMError
from litellm.types.utils import ModelResponse, ModelResponseStream
from sluicegate.httpx2 import SluicegateTransport

http = httpx2.Client(transport=SluicegateTransport(upstream="responses", profile="codex"), timeout=600)
client = openai.OpenAI(http_client=http, max_retries=0)  # OPENAI_BASE_URL, OPENAI_API_KEY


class Sluicegate(CustomLLM):
    def completion(self, *args: Any, **asked: Any) -> ModelResponse:
        return ModelResponse(**ask(stream=False, **asked).to_dict())

    def streaming(self, *args: Any, **asked: Any) -> Iterator[Any]:
        for chunk in ask(stream=True, **asked):
            yield ModelResponseStream(**chunk.to_dict())


def ask(model: str, messages: list[Any], optional_params: dict[str, Any], stream: bool, **_: Any) -> Any:
    try:
        given = optional_params | {"stream": stream}
        return client.chat.completions.create(model=model, messages=messages, **given)
    except openai.APIStatusError as failed:
        raise CustomLLMError(failed.status_code, failed.message) from failed  # type: ignore[no-untyped-call]


litellm.custom_provider_map = [{"provider": "sluicegate", "custom_handler": Sluicegate()}]
