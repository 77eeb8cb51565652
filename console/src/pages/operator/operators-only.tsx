import { ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { EmptyState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { useSession } from '../../queries/use-session.ts';
import { operatorTexts as texts } from '../../texts/operator.ts';

/** Shows its children to operators. The service refuses everyone else, who may have followed a link of an operator. */
export function OperatorsOnly({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  if (useSession().account.is_operator) return children;
  return (
    <Page title={title}>
      <Section flush>
        <EmptyState icon={<ShieldAlert />} title={texts.forbiddenTitle} hint={texts.forbiddenHint} />
      </Section>
    </Page>
  );
}
