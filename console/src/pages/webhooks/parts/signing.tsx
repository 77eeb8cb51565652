import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, EyeOff, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { SelectField } from '../../../components/controls/field.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import { ErrorNote, Note } from '../../../components/display/notes.tsx';
import { Section } from '../../../components/display/page.tsx';
import { Tabs } from '../../../components/display/tabs.tsx';
import { Time } from '../../../components/display/time.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { rotateSecret, secretQuery, WEBHOOKS, type Webhook } from '../../../queries/webhooks.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { signingTexts as texts } from '../../../texts/webhook-signing.ts';
import styles from './parts.module.css';
import { VERIFICATION_SAMPLES } from './verification-samples.ts';

/** Seconds of each overlap that one can choose. */
const OVERLAPS = { none: 0, hour: 3600, day: 86_400, week: 604_800 } as const;

/** Keys of a webhook, and the code that verifies its requests. */
export function Signing({ webhook }: { readonly webhook: Webhook }) {
  const { previous_keys_until: until, public_key: publicKey } = webhook;
  return (
    <div className={styles.stack}>
      {until && (
        <Note tone="warn" title={texts.overlapTitle}>
          {texts.overlapUntil} <Time at={until} />. {texts.overlapHint}
        </Note>
      )}
      <Section
        title={texts.secretTitle}
        description={texts.secretHint}
        actions={<Rotation webhook={webhook} />}
      >
        <Secret id={webhook.id} />
        {publicKey && (
          <div>
            <h3>{texts.publicKey}</h3>
            <p className={styles.hint}>{texts.publicKeyHint}</p>
            <div className={styles.secret}>
              <code>{publicKey}</code>
              <CopyButton text={publicKey} label={texts.copyPublicKey} />
            </div>
          </div>
        )}
      </Section>
      <Section title={texts.codeTitle} description={texts.codeHint}>
        <Tabs
          label={texts.codeList}
          tabs={VERIFICATION_SAMPLES.map(({ language, install, code }) => ({
            value: language,
            label: language,
            content: (
              <div className={styles.stack}>
                {install && <CodeBlock code={install} label={texts.install} />}
                <CodeBlock code={code} label={language} />
              </div>
            ),
          }))}
        />
        <p className={styles.hint}>
          <a href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer">
            {texts.guide}
          </a>
        </p>
      </Section>
    </div>
  );
}

/** The secret, which is asked for when someone wants to see it, and is forgotten when it is hidden. */
function Secret({ id }: { readonly id: string }) {
  const [isShown, setIsShown] = useState(false);
  const queryClient = useQueryClient();
  const { data, error, isFetching } = useQuery({ ...secretQuery(id), enabled: isShown });
  const hide = () => {
    setIsShown(false);
    queryClient.removeQueries({ queryKey: secretQuery(id).queryKey });
  };
  if (error) return <ErrorNote error={error} />;
  return (
    <div className={styles.secret}>
      <code>{isShown && data ? data : `whsec_${'•'.repeat(24)}`}</code>
      <Button
        size="small"
        icon={isShown ? <EyeOff /> : <Eye />}
        busy={isFetching}
        onClick={() => (isShown ? hide() : setIsShown(true))}
      >
        {isShown ? texts.hide : texts.reveal}
      </Button>
      {isShown && data && <CopyButton text={data} label={texts.copySecret} wide />}
    </div>
  );
}

function Rotation({ webhook: { id } }: { readonly webhook: Webhook }) {
  const [isOpen, setIsOpen] = useState(false);
  const [overlap, setOverlap] = useState<keyof typeof OVERLAPS>('day');
  const queryClient = useQueryClient();
  const toast = useToast();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => rotateSecret(id, OVERLAPS[overlap]),
    onSuccess: async () => {
      setIsOpen(false);
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      toast({ text: texts.rotated });
    },
  });
  const open = (next: boolean) => {
    reset();
    setIsOpen(next);
  };
  return (
    <>
      <Button size="small" icon={<RotateCw />} onClick={() => open(true)}>
        {texts.rotate}
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={open}
        title={texts.rotateTitle}
        description={texts.rotateText}
        actions={
          <>
            <Button onClick={() => open(false)}>{frameTexts.cancel}</Button>
            <Button
              kind={overlap === 'none' ? 'danger' : 'primary'}
              busy={isPending}
              onClick={() => mutate()}
            >
              {texts.rotateAction}
            </Button>
          </>
        }
      >
        <SelectField
          label={texts.overlap}
          value={overlap}
          onChange={(event) => setOverlap(event.target.value as keyof typeof OVERLAPS)}
        >
          {Object.entries(texts.overlaps).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        {overlap === 'none' && <Note tone="warn">{texts.overlapWarning}</Note>}
        {error && <ErrorNote error={error} />}
      </Dialog>
    </>
  );
}
