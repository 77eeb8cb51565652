/**
 * The actions that the audit log records, and for each action the type of its target (the object that the
 * action concerns).
 */
export const AUDIT_ACTIONS = {
  'account.created': 'account',
  'account.updated': 'account',
  'account.disabled': 'account',
  'account.enabled': 'account',
  'account.password_set': 'account',
  'account.password_changed': 'account',
  'account.signed_in': 'account',
  'account.sign_in_refused': 'account',
  'account.signed_out': 'account',
  'account.token_issued': 'account',
  'account.console_link_issued': 'account',
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

/** Kinds of credentials with which a caller proves its identity. */
export const CREDENTIAL_KINDS = [
  'token',
  'api_key',
  'identity_provider',
  'password',
  'command_line',
  'console',
  'console_link',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/**
 * The caller that makes a change. Each HTTP request or command creates one `Actor`, and passes this `Actor`
 * to the storage with every change.
 */
export interface Actor {
  /** Account of the caller. `null`: the caller is a command, or a client whose sign-in was refused. */
  readonly accountId: string | null;
  readonly credential: CredentialKind;
  /**
   * The caller's API key; `null`: the credential is not an API key. The audit log records both the id and the
   * public key. The public key lets a reader recognise an API key even after the key was deleted.
   */
  readonly apiKey: { readonly id: string; readonly publicKey: string } | null;
  /** IP address of the client. `null`: the caller is the command line. */
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
 * Time and actor of a change. A method of the storage whose last argument is a `Change` writes an audit
 * record in the same transaction as the change.
 */
export interface Change {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * Actor for the audit record. `null`: no audit record is written. Only the service itself and tests pass
   * `null`.
   */
  readonly by: Actor | null;
}

/** An action for the audit log, without its actor. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The account that the action concerns. `null`: the action concerns the whole service. */
  readonly accountId: string | null;
  readonly action: AuditAction;
  readonly targetId: string;
  /** Names of the changed fields. The audit log never contains the values of the fields. */
  readonly changed?: readonly string[];
}

export interface AuditRecord extends Required<AuditEntry> {
  readonly id: string;
  readonly actor: Actor;
}
