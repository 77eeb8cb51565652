/** What of a target was done, and what kind of thing the target is. */
export const AUDIT_ACTIONS = {
  'account.created': 'account',
  'account.updated': 'account',
  'account.disabled': 'account',
  'account.enabled': 'account',
  'account.password_set': 'account',
  'account.password_changed': 'account',
  'account.signed_in': 'account',
  'account.sign_in_refused': 'account',
  'account.token_issued': 'account',
  'api_key.created': 'api_key',
  'api_key.updated': 'api_key',
  'api_key.deleted': 'api_key',
  'webhook.created': 'webhook',
  'webhook.updated': 'webhook',
  'webhook.deleted': 'webhook',
  'webhook.secret_rotated': 'webhook',
  'webhook.paused': 'webhook',
  'webhook.resumed': 'webhook',
  'webhook.recovery_started': 'webhook',
  'delivery.resent': 'delivery',
  'media.created': 'media',
  'media.updated': 'media',
  'media.completed': 'media',
  'media.deleted': 'media',
  'media.thumbnail_set': 'media',
  'media.thumbnail_removed': 'media',
  'token_key.rotated': 'token_key',
  'encryption_key.rotated': 'encryption_key',
} as const;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
export type AuditTargetType = (typeof AUDIT_ACTIONS)[AuditAction];

/** By what somebody showed who they are. */
export const CREDENTIAL_KINDS = [
  'token',
  'api_key',
  'identity_provider',
  'password',
  'command_line',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Who makes a change: made once of a request or a command, and handed to each method of the storage that changes. */
export interface Actor {
  /** Null where no account acts: on the command line, and where a sign-in is refused. */
  readonly accountId: string | null;
  readonly credential: CredentialKind;
  /** Null unless the credential is an API key. Its public half names it when it is gone, too. */
  readonly apiKey: { readonly id: string; readonly publicKey: string } | null;
  /** Of the client; null on the command line. */
  readonly address: string | null;
  readonly requestId: string | null;
}

export const COMMAND_LINE: Actor = {
  accountId: null,
  credential: 'command_line',
  apiKey: null,
  address: null,
  requestId: null,
};

/**
 * When something changes, and who changes it. A method of the storage that changes something takes it as its last
 * argument, and writes the audit record in the same transaction.
 */
export interface Change {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `null`: nothing is recorded. Only the service itself and tests leave a change unrecorded. */
  readonly by: Actor | null;
}

/** One thing that was done. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The account that it concerns; null for the whole service. */
  readonly accountId: string | null;
  readonly action: AuditAction;
  readonly targetId: string;
  /** Names of the fields that changed; never what they hold. */
  readonly changed?: readonly string[];
}

export interface AuditRecord extends Required<AuditEntry> {
  readonly id: string;
  readonly actor: Actor;
}
