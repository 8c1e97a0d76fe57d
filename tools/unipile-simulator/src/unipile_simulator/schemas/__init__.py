"""JSON Schemas (2020-12) of every body: asked, answered, and sent by webhook.

`requests.REQUESTS`, `answers.answer_schema` and `events.EVENT_SCHEMAS` are the ways in; a
running simulator serves all of it under `/_simulator/schemas` and inside `/api-json`.
"""
