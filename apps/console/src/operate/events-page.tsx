import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { SelectField, TextField } from '../kit/field.tsx';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { type Event, EventDrawer } from './event-drawer.tsx';
import { operateMessages } from './messages.ts';

const spans = ['', 'hour', 'day', 'week', 'month'] as const;
const spanWords = {
  '': 'anyTime',
  hour: 'lastHour',
  day: 'lastDay',
  week: 'lastWeek',
  month: 'lastMonth',
} as const;
const spanMs = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;

/** Since when events are asked for: seen from when the page was opened, so that the pages of a list are of the same question. */
function sinceOf(span: (typeof spans)[number], nowMs: number): { readonly from?: string } {
  if (span === '') return {};
  const since = nowMs - spanMs[span];
  return { from: new Date(since - (since % 60_000)).toISOString() };
}

/** The event log, newest first. The address holds the filters. */
export function EventsPage() {
  const t = useText(operateMessages);
  const api = useApi();
  const [get, set] = useFilter();
  const [opened, setOpened] = useState<Event>();
  const [openedAtMs] = useState(() => Date.now());
  const [type, objectId, actorId] = [get('type'), get('object'), get('actor')];
  const span = spans.find((each) => each === get('span')) ?? '';
  const within = useOrganizationFilter();
  const types = useQuery({
    queryKey: ['events', 'types'],
    queryFn: async ({ signal }) => (await api.call('listEventTypes', { signal })).data.items,
  });
  // The type the address names is there to be chosen even before it ever happened.
  const typeNames = [
    ...new Set([...(types.data ?? []).map((each) => each.type), ...(type === '' ? [] : [type])]),
  ].sort();
  const query = {
    ...within,
    ...(type === '' ? {} : { type }),
    ...(objectId === '' ? {} : { objectId }),
    ...(actorId === '' ? {} : { actorId }),
  };
  return (
    <div className="stack-large">
      <PageHeader title={t('events')} intro={t('eventsIntro')} />
      <div className="row list-tools">
        <SelectField
          label={t('type')}
          value={type}
          options={[['', t('allTypes')] as const, ...typeNames.map((name) => [name, name] as const)]}
          onChange={(value) => set('type', value)}
        />
        <SelectField
          label={t('span')}
          value={span}
          options={spans.map((each) => [each, t(spanWords[each])] as const)}
          onChange={(value) => set('span', value)}
        />
        <TextField label={t('objectId')} value={objectId} onChange={(value) => set('object', value.trim())} />
        <TextField label={t('actorId')} value={actorId} onChange={(value) => set('actor', value.trim())} />
      </div>
      <ObjectList<Event>
        label={t('events')}
        queryKey={['events', query, span]}
        load={async ({ signal, ...page }) =>
          (
            await api.call('listEvents', {
              query: { ...query, ...sinceOf(span, openedAtMs), ...page, limit: 50 },
              signal,
            })
          ).data
        }
        idOf={(event) => event.id}
        isNarrowed={[type, objectId, actorId, span].some((each) => each !== '')}
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
                {event.actingUsers.map(({ id, name }) => (
                  <span key={id} className="second-line">
                    {t('actingUser')} {name ?? id}
                  </span>
                ))}
                <span className="second-line">{event.ip ?? event.actorKind}</span>
              </>
            ),
          },
          { label: t('when'), render: (event) => <RelativeTime time={event.at} /> },
        ]}
      />
      <EventDrawer
        event={opened}
        onClose={() => setOpened(undefined)}
        onFilter={(name, value) => {
          setOpened(undefined);
          set(name, value);
        }}
      />
    </div>
  );
}
