import type { ManagerRoleName } from '@latchkey/contract/client';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { kitMessages } from '../kit/messages.ts';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';
import { type ManagerLevel, useManagerRoles, useManagers } from './use-managers.ts';

interface ManagerRolesProps {
  readonly level: ManagerLevel;
  readonly objectId: string;
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly ManagerRoleName[];
}

/** Chooses which manager roles somebody holds. */
export function ManagerRoles({ level, objectId, userId, name, roles }: ManagerRolesProps) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const managers = useManagers(level, objectId);
  const fitting = useManagerRoles(level);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<readonly ManagerRoleName[]>(roles);
  const save = useAction(() => managers.set(userId, [...chosen]), ['managers'], {
    undo: () => managers.set(userId, [...roles]),
  });
  const open = (next: boolean): void => {
    setOpen(next);
    setChosen(roles);
  };
  const toggle = (role: ManagerRoleName): void =>
    setChosen((before) =>
      before.includes(role) ? before.filter((each) => each !== role) : [...before, role],
    );
  return (
    <Dialog.Root open={isOpen} onOpenChange={open}>
      <Dialog.Trigger asChild>
        <button type="button" className="button" data-size="small">
          {t('changeRoles')}
        </button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog stack">
          <Dialog.Title asChild>
            <h2>{t('rolesOf', { name })}</h2>
          </Dialog.Title>
          <Dialog.Description className="muted">{t('rolesOfText')}</Dialog.Description>
          {fitting.map(({ role, description }) => (
            <label key={role} className="check">
              <input type="checkbox" checked={chosen.includes(role)} onChange={() => toggle(role)} />
              <span>
                <code>{role}</code>
                <span className="second-line">{description}</span>
              </span>
            </label>
          ))}
          <div className="row dialog-actions">
            <Dialog.Close asChild>
              <Button>{kit('cancel')}</Button>
            </Dialog.Close>
            <Button
              variant="primary"
              isBusy={save.isPending}
              disabled={chosen.length === 0}
              onClick={() => save.mutate(undefined, { onSuccess: () => setOpen(false) })}
            >
              {kit('save')}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
