"""Verifies requests with PyPI's standardwebhooks: a line of JSON in, a line of JSON out."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    request = json.loads(line)
    try:
        Webhook(request["key"]).verify(request["body"], request["headers"])
        print("true", flush=True)
    except WebhookVerificationError:
        print("false", flush=True)
