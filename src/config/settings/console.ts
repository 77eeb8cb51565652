import { accentColour, imageFile, onOrOff } from '../parsers/console.ts';
import { origins } from '../parsers/urls.ts';
import { optional, setting } from './setting.ts';

export const CONSOLE_SETTINGS = {
  MEDIAHOOKS_CONSOLE: setting({
    key: 'console',
    default: 'on',
    description: 'Whether people can sign in to the web console at /console: on or off.',
    parse: onOrOff,
  }),
  MEDIAHOOKS_CONSOLE_EMBED_ORIGINS: setting({
    key: 'consoleEmbedOrigins',
    default: '',
    description:
      'Sites whose pages may show the web console in a frame: origins, separated by commas, such as https://platform.example.com. On another site than that of the public URL, this needs an https public URL.',
    parse: origins,
  }),
  MEDIAHOOKS_CONSOLE_ACCENT: optional({
    key: 'consoleAccent',
    description: 'Accent colour of the web console, such as #0b6e4f.',
    parse: accentColour,
  }),
  MEDIAHOOKS_CONSOLE_LOGO: optional({
    key: 'consoleLogo',
    description:
      'Path of the logo that the web console shows: a file that ends with .svg, .png, .webp or .jpg.',
    parse: imageFile,
  }),
  MEDIAHOOKS_INBOX: setting({
    key: 'inbox',
    default: 'on',
    description:
      'Whether accounts can create inboxes, built-in receivers to which their webhooks may send: on or off.',
    parse: onOrOff,
  }),
} as const;
