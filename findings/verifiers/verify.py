"""Prints what a library of PyPI does with a valid message, given in several ways."""

import base64
import json
import sys
from datetime import datetime, timezone

package = sys.argv[1]
if package.startswith("svix"):
    from svix.webhooks import Webhook
else:
    from standardwebhooks import Webhook

webhook = Webhook("whsec_" + base64.b64encode(b"k" * 32).decode())
body = json.dumps({"type": "file.received"})
at = datetime.now(tz=timezone.utc)
signature = webhook.sign("id", at, body)
headers = {
    "webhook-id": "id",
    "webhook-timestamp": str(int(at.timestamp())),
    "webhook-signature": signature,
}


def before(part):
    return {**headers, "webhook-signature": f"{part} {signature}"}


ways = {
    "headers as a dictionary": headers,
    "an Ed25519 signature before the good one": before("v1a,AAAA"),
    "a part without a comma before the good one": before("v9"),
    "a part without a comma after the good one": {**headers, "webhook-signature": f"{signature} v9"},
}
for way, given in ways.items():
    try:
        returned = webhook.verify(body, given)
        seen = "returns nothing" if returned is None else f"returns {json.dumps(returned)}"
    except Exception as error:
        seen = f"raises {type(error).__name__}: {error}"
    print(f"PyPI {package.replace('==', ' ')}, {way}: {seen}")
