import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Dialog } from 'radix-ui';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { kitMessages } from '../kit/messages.ts';
import { factsOf, told } from './event-facts.ts';
import { operateMessages } from './messages.ts';

/** An event of the log as the API answers it. */
export type Event = ResponseOf<Operations['listEvents']>['items'][number];

function Differences({ event }: { readonly event: Event }) {
  const t = useText(operateMessages);
  const { changes } = factsOf(event.detail ?? {});
  if (changes.length === 0) return null;
  return (
    <div className="table-scroll">
      <table className="table">
        <caption className="visually-hidden">{t('differences')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('field')}</th>
            <th scope="col">{t('before')}</th>
            <th scope="col">{t('after')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, before, after }) => (
            <tr key={field}>
              <td>
                <code>{field}</code>
              </td>
              <td>{told(before)}</td>
              <td>{told(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Everything about an event: who, when, what it was before and is since. */
export function EventDrawer({
  event,
  onClose,
  onFilter,
}: {
  readonly event: Event | undefined;
  readonly onClose: () => void;
  /** Shows only events of an object or by an actor. */
  readonly onFilter: (name: 'object' | 'actor', value: string) => void;
}) {
  const t = useText(operateMessages);
  const kit = useText(kitMessages);
  const formats = useFormats();
  if (event === undefined) return null;
  const rows = [
    [t('when'), formats.dateTime(event.at)],
    [t('object'), `${event.objectName ?? event.objectId} (${event.objectKind})`],
    [t('actor'), `${event.actorName ?? event.actorId} (${event.actorKind})`],
    ...event.actingUsers.map(({ id, name }) => [t('actingUser'), name ?? id]),
    ...(event.ip === null ? [] : [[t('from'), event.ip]]),
    ...factsOf(event.detail ?? {}).facts.map(([name, value]) => [name, told(value)]),
    ['ID', event.id],
  ];
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog drawer stack" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>
              <code>{event.type}</code>
            </h2>
          </Dialog.Title>
          <Differences event={event} />
          <dl className="facts">
            {rows.map(([name, value]) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <div className="row">
            <Button onClick={() => onFilter('object', event.objectId)}>{t('sameObject')}</Button>
            <Button onClick={() => onFilter('actor', event.actorId)}>{t('sameActor')}</Button>
            <Dialog.Close asChild>
              <Button variant="quiet">{kit('close')}</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
