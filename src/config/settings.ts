import { AUTH_SETTINGS } from './settings/auth.ts';
import { CONSOLE_SETTINGS } from './settings/console.ts';
import { DELIVERY_SETTINGS } from './settings/delivery.ts';
import { EGRESS_SETTINGS } from './settings/egress.ts';
import { LIMIT_SETTINGS } from './settings/limits.ts';
import { MEDIA_SETTINGS } from './settings/media.ts';
import { OBSERVABILITY_SETTINGS } from './settings/observability.ts';
import { SERVER_SETTINGS } from './settings/server.ts';
import type { Setting } from './settings/setting.ts';
import { STORAGE_SETTINGS } from './settings/storage.ts';

/**
 * All settings, grouped by area. docs/operating/settings.md lists them in the same order; a test compares the
 * document with this list.
 */
export const SETTING_AREAS: readonly SettingArea[] = [
  { title: 'Server', settings: SERVER_SETTINGS },
  { title: 'Storage', settings: STORAGE_SETTINGS },
  { title: 'Identity provider', settings: AUTH_SETTINGS },
  { title: 'Console', settings: CONSOLE_SETTINGS },
  { title: 'Egress', settings: EGRESS_SETTINGS },
  { title: 'Delivery', settings: DELIVERY_SETTINGS },
  { title: 'Media', settings: MEDIA_SETTINGS },
  { title: 'Limits', settings: LIMIT_SETTINGS },
  { title: 'Logs and metrics', settings: OBSERVABILITY_SETTINGS },
];

interface SettingArea {
  /** Heading of the area in docs/operating/settings.md. */
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting<string, unknown>>>;
}

/** All settings, each under the name of its environment variable. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...STORAGE_SETTINGS,
  ...AUTH_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...EGRESS_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...MEDIA_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OBSERVABILITY_SETTINGS,
} as const;

export type SettingName = keyof typeof SETTINGS;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<string, infer Value> ? Value : never;

/** Values of all settings, each under the key of its setting. */
export type SettingValues = {
  readonly [Name in SettingName as Settings[Name]['key']]: ValueOf<Settings[Name]>;
};
