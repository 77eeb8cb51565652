import { signatureHeaders } from '../../delivery/attempt/signature.ts';
import { senderCredentialsOf, type Webhook } from '../../domain/webhook.ts';

/** Maximum seconds between the time in a request and the present, as the libraries of Standard Webhooks have it. */
const TOLERANCE_S = 300;

export const SIGNATURE_STEPS = ['headers', 'timestamp', 'format', 'webhook', 'signature'] as const;

/** A step of the check. A step after one that has failed is skipped. */
export interface SignatureStep {
  readonly step: (typeof SIGNATURE_STEPS)[number];
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** A sentence about what was found. */
  readonly message: string;
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Time of arrival, in milliseconds since the epoch. */
  readonly at: number;
  /** Webhooks of the account that send to the inbox. */
  readonly webhooks: readonly Webhook[];
}

type Check = (request: SignedRequest) => Pick<SignatureStep, 'outcome' | 'message'>;

/** Checks the signature of a request as a receiver should, and tells each step. */
export function verifySignature(request: SignedRequest): SignatureStep[] {
  let hasFailed = false;
  return SIGNATURE_STEPS.map((step) => {
    if (hasFailed) return { step, outcome: 'skipped', message: 'an earlier step has failed' };
    const result = CHECKS[step](request);
    hasFailed = result.outcome === 'failed';
    return { step, ...result };
  });
}

const CHECKS: Record<SignatureStep['step'], Check> = {
  headers: ({ headers }) => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const missing = names.filter((name) => (headers[name] ?? '') === '');
    if (missing.length === 0) return passed('the three headers of the signature are there');
    return failed(`the request has no header ${missing.join(' and no header ')}`);
  },
  timestamp: ({ headers, at }) => {
    const text = headers['webhook-timestamp'] ?? '';
    if (!/^\d{1,12}$/.test(text)) return failed('webhook-timestamp is not a whole number of seconds');
    const differenceS = Math.round(at / 1000 - Number(text));
    if (Math.abs(differenceS) <= TOLERANCE_S)
      return passed('webhook-timestamp is within five minutes of the present');
    const when = differenceS > 0 ? 'old' : 'in the future';
    return failed(
      `webhook-timestamp is ${Math.abs(differenceS)} s ${when}: somebody may have repeated an old request`,
    );
  },
  format: ({ headers }) => {
    const entries = (headers['webhook-signature'] ?? '').split(' ');
    if (entries.some((entry) => /^v1a?,[\w+/]+=*$/.test(entry)))
      return passed('webhook-signature has signatures');
    return failed('webhook-signature has no entry of the form v1,<base64> or v1a,<base64>');
  },
  webhook: ({ webhooks }) =>
    webhooks.length > 0
      ? passed('a webhook of the account sends to this inbox, so that its keys are known')
      : failed('no webhook of the account sends to this inbox, so that no key is known'),
  signature: (request) => {
    const signer = request.webhooks.find((webhook) => isSignedBy(webhook, request));
    if (signer)
      return passed(`the signature is that of the webhook ${signer.name || signer.id} for this body`);
    return failed('no signature matches: the body was changed, or another key has signed it');
  },
};

function isSignedBy(webhook: Webhook, { headers, body, at }: SignedRequest): boolean {
  const { secret, previous } = senderCredentialsOf(webhook);
  if (secret === '') return false;
  const signedAt = Number(headers['webhook-timestamp']) * 1000;
  const credentials = previous && previous.until > at ? { secret, previous } : { secret };
  const message = { id: headers['webhook-id'] ?? '', at: signedAt, body };
  const expected = signatureHeaders(credentials, message)['webhook-signature'] ?? '';
  const given = new Set((headers['webhook-signature'] ?? '').split(' '));
  return expected.split(' ').some((entry) => given.has(entry));
}

function passed(message: string) {
  return { outcome: 'passed', message } as const;
}

function failed(message: string) {
  return { outcome: 'failed', message } as const;
}
