import { Dialog } from 'radix-ui';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { consolePages } from '../pages.tsx';
import { frameMessages } from './messages.ts';

interface ShortcutHelpProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** What the keyboard can do. */
export function ShortcutHelp({ isOpen, onOpenChange }: ShortcutHelpProps) {
  const t = useText(frameMessages);
  const general = [
    ['⌘K', t('palette')],
    ['/', t('searchHere')],
    ['?', t('shortcuts')],
  ] as const;
  const pages = consolePages.flatMap(({ shortcut, title }) =>
    shortcut === undefined ? [] : [[`g ${shortcut}`, t(title)] as const],
  );
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog stack" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>{t('shortcuts')}</h2>
          </Dialog.Title>
          <dl className="shortcuts">
            {[...general, ...pages].map(([keys, text]) => (
              <div key={keys} className="contents">
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <div className="row dialog-actions">
            <Dialog.Close asChild>
              <Button>{t('close')}</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
