import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { deliveryMessages } from './delivery-messages.ts';
import { useDeliveries } from './use-applications.ts';

type Delivery = ResponseOf<Operations['listApplicationDeliveries']>['items'][number];

const looks = {
  failing: { className: 'hint hint-warn', Icon: TriangleAlert },
  waiting: { className: 'hint', Icon: Info },
  recovered: { className: 'hint hint-good', Icon: CircleCheck },
} as const;

/** What is worth saying of the messages of a kind; `undefined` while all of them arrive. */
function stateOf({ waiting, lastFailure }: Delivery): keyof typeof looks | undefined {
  if (lastFailure !== null) return lastFailure.deliveredAt === null ? 'failing' : 'recovered';
  return waiting > 0 ? 'waiting' : undefined;
}

function DeliveryHint({ delivery }: { readonly delivery: Delivery }) {
  const t = useText(deliveryMessages);
  const formats = useFormats();
  const state = stateOf(delivery);
  if (state === undefined) return null;
  const { kind, waiting, nextAttemptAt, lastFailure } = delivery;
  const { className, Icon } = looks[state];
  return (
    <div className={className}>
      <Icon size={16} aria-hidden />
      <div>
        <strong>{t(`${state} ${kind}`)}</strong>
        {lastFailure !== null && (
          <p>
            {t(lastFailure.reason, {
              address: lastFailure.address,
              status: String(lastFailure.status ?? ''),
            })}
            {lastFailure.isGivenUp && ` ${t('givenUp')}`}
          </p>
        )}
        <p className="hint-fix">
          {lastFailure !== null && `${t('lastFailure')}: ${formats.dateTime(lastFailure.at)}. `}
          {lastFailure !== null &&
            lastFailure.deliveredAt !== null &&
            `${t('recoveredAt')}: ${formats.dateTime(lastFailure.deliveredAt)}. `}
          {t('waiting', { count: waiting })}
          {nextAttemptAt !== null && ` ${t('nextAttempt')}: ${formats.dateTime(nextAttemptAt)}.`}
        </p>
      </div>
    </div>
  );
}

/** Whether sign-outs and notifications reach an application; nothing while all of them do. */
export function ApplicationDeliveries({ applicationId }: { readonly applicationId: string }) {
  const t = useText(deliveryMessages);
  const { data = [] } = useDeliveries(applicationId);
  const told = data.filter((delivery) => stateOf(delivery) !== undefined);
  if (told.length === 0) return null;
  return (
    <section className="stack-small" aria-label={t('title')}>
      {told.map((delivery) => (
        <DeliveryHint key={delivery.kind} delivery={delivery} />
      ))}
    </section>
  );
}
