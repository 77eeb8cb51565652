import os

from standardwebhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])


def status_of(body, headers):
    """Returns the status for a message: 204 if its signature is good, otherwise 400."""
    try:
        webhook.verify(body, headers)
        return 204
    except Exception:
        return 400
