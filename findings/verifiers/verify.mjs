/** Prints what each library of npm does with a valid message, given in several ways. */
const SECRET = `whsec_${Buffer.alloc(32, 'key').toString('base64')}`;
const BODY = JSON.stringify({ type: 'file.received' });

for (const [name, version] of [
  ['standardwebhooks', 'standardwebhooks 1.1.1'],
  ['svix-2.0', 'svix 2.0.0'],
  ['svix-2.5', 'svix 2.5.0'],
]) {
  const { Webhook } = await import(name);
  const webhook = new Webhook(SECRET);
  const at = new Date();
  const signature = webhook.sign('id', at, BODY);
  const headers = {
    'webhook-id': 'id',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
  const request = new Request('http://receiver.example', { method: 'POST', headers, body: BODY });
  const before = (part) => ({ ...headers, 'webhook-signature': `${part} ${signature}` });
  const ways = {
    'headers as an object': headers,
    'headers of a Request': request.headers,
    'Object.fromEntries of these': Object.fromEntries(request.headers),
    'an Ed25519 signature before the good one': before('v1a,AAAA'),
    'a part without a comma before the good one': before('v9'),
  };
  for (const [way, given] of Object.entries(ways)) {
    let seen;
    try {
      seen = `returns ${JSON.stringify(webhook.verify(BODY, given)) ?? 'nothing'}`;
    } catch (error) {
      seen = `throws ${error.constructor.name}: ${error.message}`;
    }
    process.stdout.write(`npm ${version}, ${way}: ${seen}\n`);
  }
}
