/** Recorded actions, each with the type of its target. */
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

/** Credentials by which a caller proves its identity. */
export const CREDENTIAL_KINDS = [
  'token',
  'api_key',
  'identity_provider',
  'password',
  'command_line',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** The caller that makes a change. A request or a command makes one, and passes it to the storage with each change. */
export interface Actor {
  /** `null`: no account acts, because a command does, or because a sign-in was refused. */
  readonly accountId: string | null;
  readonly credential: CredentialKind;
  /** `null`: the credential is not an API key. The public key still names the API key after it was deleted. */
  readonly apiKey: { readonly id: string; readonly publicKey: string } | null;
  /** Address of the client. `null`: the command line. */
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

/** An action to be recorded. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The account that the action concerns. `null`: the whole service. */
  readonly accountId: string | null;
  readonly action: AuditAction;
  readonly targetId: string;
  /** Names of the changed fields. Their values are never recorded. */
  readonly changed?: readonly string[];
}

export interface AuditRecord extends Required<AuditEntry> {
  readonly id: string;
  readonly actor: Actor;
}
