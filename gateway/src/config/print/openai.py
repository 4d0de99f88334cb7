from openai import OpenAI

client = OpenAI(base_url="{url}/v1")  # the key of the upstream, as OPENAI_API_KEY
print(client.responses.create(model="gpt-5.5", input="Hi").output_text)
