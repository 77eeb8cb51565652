"""Verifies requests with PyPI's standardwebhooks. Each line of input is a request, each line of output its result."""

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
