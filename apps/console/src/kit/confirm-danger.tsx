import { AlertDialog } from 'radix-ui';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';
import { kitMessages } from './messages.ts';

interface ConfirmDangerProps {
  /** What the button that opens it says, and the one that does it. */
  readonly action: string;
  readonly title: string;
  /** What follows, in a sentence. */
  readonly consequences: string;
  /** A name to be typed first; nothing when the thing can be undone. */
  readonly name?: string;
  readonly isBusy?: boolean;
  readonly onConfirm: () => unknown;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDanger(props: ConfirmDangerProps) {
  const { action, title, consequences, name, isBusy = false, onConfirm } = props;
  const t = useText(kitMessages);
  const [typed, setTyped] = useState('');
  return (
    <AlertDialog.Root onOpenChange={() => setTyped('')}>
      <AlertDialog.Trigger asChild>
        <button type="button" className="button" data-variant="danger" data-size="small">
          {action}
        </button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog stack">
          <AlertDialog.Title asChild>
            <h2>{title}</h2>
          </AlertDialog.Title>
          <AlertDialog.Description className="muted">{consequences}</AlertDialog.Description>
          {name !== undefined && (
            <TextField label={t('typeName', { name })} value={typed} onChange={setTyped} />
          )}
          <div className="row dialog-actions">
            <AlertDialog.Cancel asChild>
              <button type="button" className="button">
                {t('cancel')}
              </button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button
                variant="danger"
                isBusy={isBusy}
                disabled={name !== undefined && typed !== name}
                onClick={onConfirm}
              >
                {action}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
