import { detailTexts } from '../../../texts/deliveries.ts';

/** Headers that curl sets by itself, or that are made again for each call. */
const LEFT_OUT = /^(?:host|connection|content-length|webhook-(?:id|timestamp|signature))$/i;
/** Text that stands for values that the service does not show. */
const MASK = '********';

/** Event that is sent. */
interface Sent {
  readonly event_id: string;
  readonly body: string;
}

/** Request that the commands repeat. */
interface LastRequest {
  readonly url: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
}

/**
 * Returns commands for a shell that send the same event to the same URL, signed with the secret in `WEBHOOK_SECRET`. The secret
 * itself is never part of them.
 */
export function curlCommands({ event_id: id, body }: Sent, { url, headers }: LastRequest): string | null {
  if (!url) return null;
  const isSigned = headers?.['webhook-signature']?.split(' ').some((one) => one.startsWith('v1,')) ?? true;
  const sent = Object.entries(headers ?? { 'content-type': 'application/json' }).filter(
    ([name]) => !LEFT_OUT.test(name),
  );
  const own = sent.map(([name, value]) => {
    const isMasked = value === MASK;
    return `-H ${isMasked ? `"${escaped(name)}: $${variableOf(name)}"` : quote(`${name}: ${value}`)}`;
  });
  const lines = [
    `id=${quote(id)}`,
    `body=${quote(body)}`,
    'at=$(date +%s)',
    ...(isSigned ? SIGNING : [`# ${detailTexts.curlNoHmac}`]),
    [
      `curl -i -X POST ${quote(url)}`,
      ...own,
      '-H "webhook-id: $id"',
      '-H "webhook-timestamp: $at"',
      ...(isSigned ? ['-H "webhook-signature: v1,$signature"'] : []),
      '--data-binary "$body"',
    ].join(' \\\n  '),
  ];
  return `${lines.join('\n')}\n`;
}

const SIGNING = [
  `key=$(printf %s "\${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
  `signature=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)`,
];

/** Returns the variable that must hold the value of a header that the service does not show. */
function variableOf(header: string): string {
  return header.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** Quotes a text for a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns a text as it stands between double quotes, where a shell replaces variables. */
function escaped(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&');
}
