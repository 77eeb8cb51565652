import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from '../components/controls/button.tsx';
import { Dialog } from '../components/overlays/dialog.tsx';
import { useSession } from '../queries/use-session.ts';
import { frameTexts } from '../texts/frame.ts';
import { AccountMenu } from './account-menu.tsx';
import { ACCOUNT_PAGES, type NavigationEntry, OPERATOR_PAGES } from './navigation.tsx';
import styles from './shell.module.css';

/** Frame of every page: the navigation at the left, or behind a button where there is no place for it. */
export function Shell() {
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes the list of pages when another page was chosen
  useEffect(() => setOpen(false), [path]);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {frameTexts.skip}
      </a>
      <header className={styles.bar}>
        <IconButton icon={<MenuIcon />} label={frameTexts.openNavigation} onClick={() => setOpen(true)} />
        <Brand />
      </header>
      <Dialog open={open} onOpenChange={setOpen} title={frameTexts.navigation} place="left">
        <Navigation />
        <AccountMenu />
      </Dialog>
      <aside className={styles.side}>
        <Brand />
        <Navigation />
        <AccountMenu />
      </aside>
      <main id="content" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  );
}

function Brand() {
  const logo = useSession().theme?.logo;
  return (
    <Link to="/" className={styles.brand}>
      <img src={logo ?? '/console/icon.svg'} alt="" width={24} height={24} />
      {frameTexts.product}
    </Link>
  );
}

function Navigation() {
  const session = useSession();
  const { account } = session;
  const pages = ACCOUNT_PAGES.filter(({ needs }) => !needs || session[needs]);
  return (
    <nav aria-label={frameTexts.navigation} className={styles.navigation}>
      <Entries entries={pages} />
      {account.is_operator && OPERATOR_PAGES.length > 0 && (
        <>
          <p className={styles.group}>{frameTexts.operator}</p>
          <Entries entries={OPERATOR_PAGES} />
        </>
      )}
    </nav>
  );
}

function Entries({ entries }: { readonly entries: readonly NavigationEntry[] }) {
  return (
    <ul>
      {entries.map(({ to, label, icon }) => (
        <li key={to}>
          <Link
            to={to}
            className={styles.entry}
            activeProps={{ className: styles.current, 'aria-current': 'page' }}
          >
            {icon}
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
