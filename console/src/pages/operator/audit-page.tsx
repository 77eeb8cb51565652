import { getRouteApi, Link } from '@tanstack/react-router';
import { buttonClass } from '../../components/controls/button.tsx';
import { Page } from '../../components/display/page.tsx';
import { auditTexts as texts } from '../../texts/audit.ts';
import { AuditList } from '../audit/audit-list.tsx';
import { OperatorsOnly } from './operators-only.tsx';

/** Audit log of all accounts, or of one of them. */
export function AuditPage() {
  const { action, account, page = 1 } = getRouteApi('/shell/operator/audit').useSearch();
  const everyone = account && (
    <Link to="/operator/audit" search={action ? { action } : {}} className={buttonClass()}>
      {texts.allAccounts}
    </Link>
  );
  return (
    <OperatorsOnly title={texts.title}>
      <Page
        title={texts.title}
        description={account ? texts.ofAccount(account) : texts.description}
        actions={everyone}
      >
        <AuditList
          path="/operator/audit"
          search={{ ...(action && { action }), ...(account && { account }) }}
          request={{ scope: account ? 'account' : 'all', userId: account, action, page }}
        />
      </Page>
    </OperatorsOnly>
  );
}
