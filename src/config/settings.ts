import { AUTH_SETTINGS } from './settings/auth.ts';
import { DELIVERY_SETTINGS } from './settings/delivery.ts';
import { EGRESS_SETTINGS } from './settings/egress.ts';
import { LIMIT_SETTINGS } from './settings/limits.ts';
import { MEDIA_SETTINGS } from './settings/media.ts';
import { OBSERVABILITY_SETTINGS } from './settings/observability.ts';
import { SERVER_SETTINGS } from './settings/server.ts';
import type { Setting } from './settings/setting.ts';
import { STORAGE_SETTINGS } from './settings/storage.ts';

/** Settings by area, in the order in which docs/operating/settings.md lists them; a test compares the two. */
export const SETTING_AREAS: readonly SettingArea[] = [
  { title: 'Server', settings: SERVER_SETTINGS },
  { title: 'Storage', settings: STORAGE_SETTINGS },
  { title: 'Identity provider', settings: AUTH_SETTINGS },
  { title: 'Egress', settings: EGRESS_SETTINGS },
  { title: 'Delivery', settings: DELIVERY_SETTINGS },
  { title: 'Media', settings: MEDIA_SETTINGS },
  { title: 'Limits', settings: LIMIT_SETTINGS },
  { title: 'Logs and metrics', settings: OBSERVABILITY_SETTINGS },
];

interface SettingArea {
  /** Heading in the documentation. */
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting<string, unknown>>>;
}

/** Table of all settings. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...STORAGE_SETTINGS,
  ...AUTH_SETTINGS,
  ...EGRESS_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...MEDIA_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OBSERVABILITY_SETTINGS,
} as const;

export type SettingName = keyof typeof SETTINGS;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<string, infer Value> ? Value : never;

/** The value of each setting, by the setting's key. */
export type SettingValues = {
  readonly [Name in SettingName as Settings[Name]['key']]: ValueOf<Settings[Name]>;
};
