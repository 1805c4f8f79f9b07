import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { errorAt, TextField } from '../kit/field.tsx';
import { useAction } from '../kit/use-action.ts';
import { peopleMessages } from './messages.ts';
import type { User } from './user.ts';

function SetPassword({ userId }: { readonly userId: string }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const [password, setPassword] = useState('');
  const [changeRequired, setChangeRequired] = useState(true);
  const set = useAction(
    () =>
      api.call('setUserPassword', {
        path: { userId },
        body: { password, isPasswordChangeRequired: changeRequired },
      }),
    ['users', 'sessions'],
  );
  return (
    <form
      className="stack-small"
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate(undefined, { onSuccess: () => setPassword('') });
      }}
    >
      <TextField
        label={t('password')}
        help={t('passwordHelp')}
        type="password"
        value={password}
        onChange={setPassword}
        error={errorAt(set.error, '/password')}
      />
      <label className="row">
        <input type="checkbox" checked={changeRequired} onChange={() => setChangeRequired(!changeRequired)} />{' '}
        {t('mustChange')}
      </label>
      <div>
        <Button type="submit" isBusy={set.isPending} disabled={password === ''}>
          {t('setPassword')}
        </Button>
      </div>
    </form>
  );
}

/** The password and state of a user, and their end. */
export function UserSecurity({ user }: { readonly user: User }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const navigate = useNavigate();
  const path = { userId: user.id };
  const refreshes = ['users', 'sessions'];
  const toActive = () => api.call('activateUser', { path });
  const activate = useAction(toActive, refreshes);
  const deactivate = useAction(() => api.call('deactivateUser', { path }), refreshes, { undo: toActive });
  const lock = useAction(() => api.call('lockUser', { path }), refreshes, {
    undo: () => api.call('unlockUser', { path }),
  });
  const unlock = useAction(() => api.call('unlockUser', { path }), refreshes);
  const remove = useAction(() => api.call('removeUser', { path }), refreshes);
  return (
    <div className="stack-large">
      {user.kind === 'human' && <SetPassword userId={user.id} />}
      <div className="row">
        {user.state === 'inactive' && (
          <Button size="small" onClick={() => activate.mutate()}>
            {t('activate')}
          </Button>
        )}
        {user.state === 'locked' && (
          <Button size="small" onClick={() => unlock.mutate()}>
            {t('unlock')}
          </Button>
        )}
        {user.state === 'active' && (
          <>
            <Button size="small" onClick={() => lock.mutate()}>
              {t('lock')}
            </Button>
            <ConfirmDanger
              action={t('deactivate')}
              title={t('deactivateTitle')}
              consequences={t('deactivateText')}
              onConfirm={() => deactivate.mutate()}
            />
          </>
        )}
        <ConfirmDanger
          action={t('remove')}
          title={t('removeTitle')}
          consequences={t('removeText')}
          name={user.loginName}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => navigate('/users') })}
        />
      </div>
    </div>
  );
}
