import {
  Activity,
  ArrowLeftRight,
  Film,
  Inbox,
  KeyRound,
  LayoutDashboard,
  ScrollText,
  Users,
  Webhook,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { navigationTexts } from '../texts/navigation.ts';

export interface NavigationEntry {
  readonly to: string;
  readonly label: string;
  readonly icon: ReactNode;
  /** Part of the session that must be on; left out: the page is always there. */
  readonly needs?: 'inbox';
}

/** Pages for every account, in the order in which the navigation lists them. The first one is the start page. */
export const ACCOUNT_PAGES: readonly NavigationEntry[] = [
  { to: '/overview', label: navigationTexts.overview, icon: <LayoutDashboard /> },
  { to: '/webhooks', label: navigationTexts.webhooks, icon: <Webhook /> },
  { to: '/deliveries', label: navigationTexts.deliveries, icon: <ArrowLeftRight /> },
  { to: '/inboxes', label: navigationTexts.inboxes, icon: <Inbox />, needs: 'inbox' },
  { to: '/media', label: navigationTexts.media, icon: <Film /> },
  { to: '/account', label: navigationTexts.account, icon: <KeyRound /> },
];

/** Pages for operators alone. */
export const OPERATOR_PAGES: readonly NavigationEntry[] = [
  { to: '/operator/service', label: navigationTexts.service, icon: <Activity /> },
  { to: '/operator/accounts', label: navigationTexts.accounts, icon: <Users /> },
  { to: '/operator/audit', label: navigationTexts.audit, icon: <ScrollText /> },
];
