/** Code that verifies the requests of a webhook. A test runs each sample whose language the machine has. */
export const VERIFICATION_SAMPLES = [
  {
    language: 'Node',
    install: 'npm install standardwebhooks',
    code: `import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  try {
    // Checks webhook-id, webhook-timestamp and webhook-signature.
    webhook.verify(body, request.headers);
  } catch {
    return response.writeHead(400).end();
  }
  const event = JSON.parse(body);
  // A repeat has the same id: request.headers['webhook-id'].
  console.log(event.type, event.media_id);
  response.writeHead(204).end();
}).listen(process.env.PORT ?? 3000);
`,
  },
  {
    language: 'Python',
    install: 'pip install standardwebhooks==1.1.0',
    code: `import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer
from standardwebhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            # Checks webhook-id, webhook-timestamp and webhook-signature.
            webhook.verify(body, dict(self.headers))
        except Exception:
            return self.answer(400)
        event = json.loads(body)
        # A repeat has the same id: self.headers["webhook-id"].
        print(event["type"], event["media_id"], flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

HTTPServer(("", int(os.environ.get("PORT", 3000))), Receiver).serve_forever()
`,
  },
  {
    language: 'Go',
    install: 'go get github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1',
    code: `package main

import (
	"cmp"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	webhook, err := webhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 65_536))
		// Checks webhook-id, webhook-timestamp and webhook-signature.
		if err != nil || webhook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var event map[string]any
		if err := json.Unmarshal(body, &event); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		// A repeat has the same id: r.Header.Get("webhook-id").
		log.Print(event["type"], " ", event["media_id"])
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "3000"), nil))
}
`,
  },
  {
    language: 'PHP',
    install: null,
    code: `<?php
$body = file_get_contents('php://input');
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$signatures = explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');

$key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
$expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
$matching = array_filter($signatures, fn ($signature) => hash_equals($expected, $signature));
$isRecent = ctype_digit($timestamp) && abs(time() - (int) $timestamp) <= 300;
if (!$isRecent || !$matching) {
    http_response_code(400);
    exit;
}
$event = json_decode($body, true);
// A repeat has the same id: $id.
error_log("{$event['type']} {$event['media_id']}");
http_response_code(204);
`,
  },
] as const;
