/** What an email address looks like; only a message to it can tell whether it is one. */
export const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** As addresses are stored and looked up: nobody types theirs in the same case each time. */
export function normalEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
