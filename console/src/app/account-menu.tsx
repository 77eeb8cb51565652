import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BookOpen, ChevronsUpDown, LogOut } from 'lucide-react';
import { useState } from 'react';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../components/overlays/menu.tsx';
import { useToast } from '../components/overlays/toast.tsx';
import { sessionQuery, signOut } from '../queries/session.ts';
import { useSession } from '../queries/use-session.ts';
import { frameTexts } from '../texts/frame.ts';
import styles from './account-menu.module.css';
import { chooseTheme, type ThemeChoice, themeChoice } from './theme.ts';

const THEMES = (Object.keys(frameTexts.themes) as ThemeChoice[]).map((value) => ({
  value,
  label: frameTexts.themes[value],
}));

/** Menu of the account: its address, the colours, and the way out. */
export function AccountMenu() {
  const { account } = useSession();
  const [theme, setTheme] = useState(themeChoice);
  const leave = useSignOut();
  const name = [account.first_name, account.last_name].filter(Boolean).join(' ') || account.email;
  const trigger = (
    <button type="button" className={styles.trigger} aria-label={`${frameTexts.account}: ${name}`}>
      {/* A picture, which is no part of the name of the button. */}
      <span className={styles.initial} data-initial={name.charAt(0).toUpperCase()} />
      <span className={styles.name}>{name}</span>
      <ChevronsUpDown />
    </button>
  );
  return (
    <Menu trigger={trigger} side="top" align="start">
      <MenuLabel>{account.email}</MenuLabel>
      <MenuSeparator />
      <MenuLabel>{frameTexts.theme}</MenuLabel>
      <MenuChoice
        value={theme}
        options={THEMES}
        onChange={(choice) => {
          chooseTheme(choice);
          setTheme(choice);
        }}
      />
      <MenuSeparator />
      <MenuItem asChild>
        <a href="/api/docs" target="_blank" rel="noreferrer">
          <BookOpen />
          {frameTexts.apiReference}
        </a>
      </MenuItem>
      <MenuItem icon={<LogOut />} onSelect={leave}>
        {frameTexts.signOut}
      </MenuItem>
    </Menu>
  );
}

function useSignOut(): () => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate } = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      queryClient.setQueryData(sessionQuery.queryKey, null);
      await navigate({ to: '/sign-in' });
      // Nothing of this account may be shown to the next one.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
  return mutate;
}
