/** Texts of the page on which one signs in. */
export const signInTexts = {
  title: 'Sign in',
  intro: 'To see what was delivered, what failed and why.',
  way: 'Sign in with',
  ways: { password: 'Email and password', key: 'API key' },
  email: 'Email',
  password: 'Password',
  publicKey: 'Public key',
  secretKey: 'Secret key',
  keyHint: 'A key with full access. The first start of the service printed one.',
  submit: 'Sign in',
  wrongPassword:
    'The email or the password is wrong. An account without a password signs in with an API key.',
  wrongKey: 'There is no such API key, or it has expired or been removed.',
  wrongLink: 'This link was used before, or it has expired. Ask for a new one.',
  linkUnderWay: 'Signing you in…',
};
