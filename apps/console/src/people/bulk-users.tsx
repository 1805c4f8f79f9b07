import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { errorText } from '../kit/problem-text.ts';
import { peopleMessages } from './messages.ts';

const actions = {
  activate: 'activateUser',
  deactivate: 'deactivateUser',
  lock: 'lockUser',
  unlock: 'unlockUser',
  endAll: 'endUserSessions',
  remove: 'removeUser',
} as const;
type Action = keyof typeof actions;

interface BulkUsersProps {
  readonly userIds: readonly string[];
  readonly onDone: () => void;
}

/** Does the same to several users, one after the other; those it is refused for are counted with the first reason. */
export function BulkUsers({ userIds, onDone }: BulkUsersProps) {
  const t = useText(peopleMessages);
  const api = useApi();
  const client = useQueryClient();
  const [done, setDone] = useState<number>();
  const isBusy = done !== undefined;
  const count = userIds.length;
  const run = async (action: Action): Promise<void> => {
    const failures: Error[] = [];
    for (const [index, userId] of userIds.entries()) {
      setDone(index);
      await api
        .call(actions[action], { path: { userId } })
        .catch((error) => failures.push(error instanceof Error ? error : new Error(String(error))));
    }
    setDone(undefined);
    await client.invalidateQueries({ queryKey: ['users'] });
    const [first] = failures;
    if (first === undefined) toast.success(t('bulkDone', { count }));
    else toast.error(`${t('bulkFailed', { failed: failures.length, count })} ${errorText(first)}`);
    onDone();
  };
  return (
    <div className="bulk row" role="toolbar" aria-label={t('bulk')}>
      <span role="status">{isBusy ? t('bulkBusy', { done, count }) : t('bulkChosen', { count })}</span>
      {(['activate', 'lock', 'unlock', 'endAll'] as const).map((action) => (
        <Button key={action} size="small" isBusy={isBusy} onClick={() => run(action)}>
          {t(action)}
        </Button>
      ))}
      <ConfirmDanger
        action={t('deactivate')}
        title={t('bulkDeactivateTitle', { count })}
        consequences={t('bulkDeactivateText')}
        isBusy={isBusy}
        onConfirm={() => run('deactivate')}
      />
      <ConfirmDanger
        action={t('remove')}
        title={t('bulkRemoveTitle', { count })}
        consequences={t('removeText')}
        name={String(count)}
        isBusy={isBusy}
        onConfirm={() => run('remove')}
      />
      <Button size="small" variant="quiet" onClick={onDone}>
        {t('bulkNone')}
      </Button>
    </div>
  );
}
