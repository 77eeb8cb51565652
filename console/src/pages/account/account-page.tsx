import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Note } from '../../components/display/notes.tsx';
import { Page } from '../../components/display/page.tsx';
import { Tabs } from '../../components/display/tabs.tsx';
import { useSession } from '../../queries/use-session.ts';
import { accountTexts as texts } from '../../texts/account.ts';
import { auditTexts } from '../../texts/audit.ts';
import { AuditList } from '../audit/audit-list.tsx';
import type { AccountTab } from './account-tabs.ts';
import { ApiKeys } from './api-keys.tsx';
import { SignInSettings } from './sign-in-settings.tsx';

export function AccountPage() {
  const { tab = 'keys', page = 1, action } = getRouteApi('/shell/account').useSearch();
  const navigate = useNavigate();
  const { account, access } = useSession();
  if (access === 'only_upload') {
    return (
      <Page title={texts.title} description={account.email}>
        <Note tone="warn" title={texts.uploadOnlyTitle}>
          {texts.uploadOnlyText}
        </Note>
      </Page>
    );
  }
  const open = (value: string) =>
    navigate({ to: '/account', search: value === 'keys' ? {} : { tab: value as AccountTab } });
  const activity = (
    <AuditList
      path="/account"
      search={{ tab: 'activity', ...(action && { action }) }}
      request={{ scope: 'account', action, page }}
      title={auditTexts.title}
      description={auditTexts.ownDescription}
    />
  );
  return (
    <Page title={texts.title} description={account.email}>
      <Tabs
        label={texts.tabList}
        value={tab}
        onChange={open}
        tabs={[
          { value: 'keys', label: texts.tabs.keys, content: <ApiKeys page={page} /> },
          { value: 'security', label: texts.tabs.security, content: <SignInSettings /> },
          { value: 'activity', label: texts.tabs.activity, content: activity },
        ]}
      />
    </Page>
  );
}
