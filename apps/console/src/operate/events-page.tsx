import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { SelectField } from '../kit/field.tsx';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { type Event, EventDrawer } from './event-drawer.tsx';
import { operateMessages } from './messages.ts';

/** The event log, newest first. The address holds the filters. */
export function EventsPage() {
  const t = useText(operateMessages);
  const api = useApi();
  const [get, set] = useFilter();
  const [opened, setOpened] = useState<Event>();
  const [type, objectId] = [get('type'), get('object')];
  const types = useQuery({
    queryKey: ['events', 'types'],
    queryFn: async ({ signal }) => (await api.call('listEventTypes', { signal })).data.items,
  });
  const query = { ...(type === '' ? {} : { type }), ...(objectId === '' ? {} : { objectId }) };
  return (
    <div className="stack-large">
      <PageHeader title={t('events')} intro={t('eventsIntro')} />
      <div className="row list-tools">
        <SelectField
          label={t('type')}
          value={type}
          options={[
            ['', t('allTypes')] as const,
            ...(types.data ?? []).map((each) => [each.type, each.type] as const),
          ]}
          onChange={(value) => set('type', value)}
        />
      </div>
      <ObjectList<Event>
        label={t('events')}
        queryKey={['events', query]}
        load={async ({ signal, ...page }) =>
          (await api.call('listEvents', { query: { ...query, ...page, limit: 50 }, signal })).data
        }
        idOf={(event) => event.id}
        isNarrowed={type !== '' || objectId !== ''}
        empty={<p>{t('noEvents')}</p>}
        columns={[
          {
            label: t('what'),
            render: (event) => (
              <button type="button" className="link" onClick={() => setOpened(event)}>
                {event.type}
              </button>
            ),
          },
          {
            label: t('object'),
            render: (event) => (
              <>
                {event.objectName ?? event.objectId}
                <span className="second-line">{event.objectKind}</span>
              </>
            ),
          },
          {
            label: t('actor'),
            render: (event) => (
              <>
                {event.actorName ?? event.actorId}
                <span className="second-line">{event.ip ?? event.actorKind}</span>
              </>
            ),
          },
          { label: t('when'), render: (event) => <RelativeTime time={event.at} /> },
        ]}
      />
      <EventDrawer event={opened} onClose={() => setOpened(undefined)} />
    </div>
  );
}
