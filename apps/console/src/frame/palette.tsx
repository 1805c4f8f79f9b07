import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useDeferredValue, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { consolePages } from '../pages.tsx';
import { frameMessages } from './messages.ts';

interface Hit {
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  readonly to: string;
}

/** Users, projects and applications by the beginning of their names. */
function useHits(text: string): readonly Hit[] {
  const api = useApi();
  const search = useDeferredValue(text.trim());
  const { data = [] } = useQuery({
    queryKey: ['palette', search],
    enabled: search.length > 1,
    queryFn: async ({ signal }): Promise<readonly Hit[]> => {
      const query = { search, limit: 5 };
      const [users, projects, applications] = await Promise.all([
        api.call('listUsers', { query, signal }),
        api.call('listProjects', { query, signal }),
        api.call('listApplications', { query, signal }),
      ]);
      const hit = (kind: string, to: string, id: string, name: string): Hit => ({
        key: `${to}${id}`,
        name,
        kind,
        to: `${to}${id}`,
      });
      return [
        ...applications.data.items.map(({ id, name }) => hit('applications', '/applications/', id, name)),
        ...projects.data.items.map(({ id, name }) => hit('projects', '/projects/', id, name)),
        ...users.data.items.map(({ id, displayName }) => hit('users', '/users/', id, displayName)),
      ];
    },
  });
  return search.length > 1 ? data : [];
}

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** Jumps to pages and objects by a few letters. */
export function Palette({ isOpen, onOpenChange }: PaletteProps) {
  const t = useText(frameMessages);
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const hits = useHits(text);
  const go = (to: string): void => {
    onOpenChange(false);
    setText('');
    void navigate(to);
  };
  const wanted = text.trim().toLowerCase();
  const pages = consolePages.filter(
    ({ group, title }) => group !== undefined && t(title).toLowerCase().includes(wanted),
  );
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog palette" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">{t('palette')}</Dialog.Title>
          <Command shouldFilter={false} label={t('palette')}>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder={t('search')}
              aria-label={t('palette')}
            />
            <Command.List>
              <Command.Empty>{t('nothing')}</Command.Empty>
              {hits.length > 0 && (
                <Command.Group heading={t('results')}>
                  {hits.map(({ key, name, to }) => (
                    <Command.Item key={key} value={key} className="menu-item" onSelect={() => go(to)}>
                      {name}
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {pages.length > 0 && (
                <Command.Group heading={t('pages')}>
                  {pages.map(({ path, title, icon: Icon }) => (
                    <Command.Item key={path} value={path} className="menu-item" onSelect={() => go(path)}>
                      {Icon !== undefined && <Icon size={15} aria-hidden />}
                      {t(title)}
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
