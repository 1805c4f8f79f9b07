import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Building2, ChevronsUpDown } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useCallback, useDeferredValue, useState } from 'react';
import {
  type ChosenOrganization,
  OrganizationContext,
  useOrganizationChoice,
} from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { frameMessages } from './messages.ts';

const storageName = 'latchkey.organization';

function remembered(): ChosenOrganization | undefined {
  const [, id, name] = /^(\d+) (.+)$/.exec(sessionStorage.getItem(storageName) ?? '') ?? [];
  return id === undefined || name === undefined ? undefined : { id, name };
}

/** Holds the chosen organization for the pages; a new tab begins with all of them. */
export function OrganizationProvider({ children }: { readonly children: ReactNode }) {
  const [organization, setOrganization] = useState(remembered);
  const choose = useCallback((chosen: ChosenOrganization | undefined): void => {
    setOrganization(chosen);
    if (chosen === undefined) sessionStorage.removeItem(storageName);
    else sessionStorage.setItem(storageName, `${chosen.id} ${chosen.name}`);
  }, []);
  return <OrganizationContext value={{ organization, choose }}>{children}</OrganizationContext>;
}

function Choices({ onDone }: { readonly onDone: () => void }) {
  const t = useText(frameMessages);
  const api = useApi();
  const { choose } = useOrganizationChoice();
  const [text, setText] = useState('');
  const search = useDeferredValue(text.trim());
  const { data = [] } = useQuery({
    queryKey: ['organizations', 'choice', search],
    queryFn: async ({ signal }) =>
      (
        await api.call('listOrganizations', {
          query: { sort: 'name', limit: 20, ...(search === '' ? {} : { search }) },
          signal,
        })
      ).data.items,
  });
  const pick = (chosen: ChosenOrganization | undefined): void => {
    choose(chosen);
    onDone();
  };
  return (
    <Command shouldFilter={false} label={t('chooseOrganization')}>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder={t('chooseOrganization')}
        aria-label={t('chooseOrganization')}
      />
      <Command.List>
        <Command.Empty>{t('nothing')}</Command.Empty>
        {search === '' && (
          <Command.Item value="all" className="menu-item" onSelect={() => pick(undefined)}>
            {t('allOrganizations')}
          </Command.Item>
        )}
        {data.map(({ id, name }) => (
          <Command.Item key={id} value={id} className="menu-item" onSelect={() => pick({ id, name })}>
            {name}
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}

/** Narrows every list, and what is newly made, to one organization. */
export function OrganizationSwitcher() {
  const t = useText(frameMessages);
  const { organization } = useOrganizationChoice();
  const [isOpen, setOpen] = useState(false);
  const shown = organization?.name ?? t('allOrganizations');
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className="organization-switch" aria-label={`${t('organization')}: ${shown}`}>
        <Building2 size={15} aria-hidden />
        <span>{shown}</span>
        <ChevronsUpDown size={13} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">{t('chooseOrganization')}</Dialog.Title>
          <Choices onDone={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
