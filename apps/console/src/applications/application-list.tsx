import { useDeferredValue } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { applicationMessages } from './messages.ts';
import { useApplications } from './use-applications.ts';
import './applications.css';

const types = ['user_agent', 'web', 'native', 'api'] as const;

/** Applications, those of a project alone where one is given. The address holds search and filter. */
export function ApplicationList({ projectId }: { readonly projectId?: string }) {
  const t = useText(applicationMessages);
  const formats = useFormats();
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const type = types.find((each) => each === params.get('type'));
  const within = useOrganizationFilter();
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage, error } = useApplications({
    sort: 'name',
    ...(projectId === undefined ? within : { projectId }),
    ...(type === undefined ? {} : { type }),
    search: useDeferredValue(search),
  });
  const set = (name: string, value: string): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const isNarrowed = search !== '' || type !== undefined;
  const create = `/applications/new${projectId === undefined ? '' : `?project=${projectId}`}`;
  return (
    <div className="stack">
      <div className="row list-tools">
        <input
          className="input"
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          value={search}
          onChange={(event) => set('search', event.target.value)}
        />
        <select
          className="select"
          aria-label={t('type')}
          value={type ?? ''}
          onChange={(event) => set('type', event.target.value)}
        >
          <option value="">{t('anyType')}</option>
          {types.map((each) => (
            <option key={each} value={each}>
              {t(each)}
            </option>
          ))}
        </select>
        <Link className="primary-link" to={create}>
          {t('create')}
        </Link>
      </div>
      {error !== null && (
        <p className="option-error" role="alert">
          {errorText(error)}
        </p>
      )}
      {data !== undefined && items.length === 0 && (
        <div className="list-empty">
          <h2>{t(isNarrowed ? 'nothingFound' : 'emptyTitle')}</h2>
          <p className="muted">{t(isNarrowed ? 'nothingFoundText' : 'emptyText')}</p>
        </div>
      )}
      <ul className="object-list">
        {items.map((item) => (
          <li key={item.id}>
            <Link to={`/applications/${item.id}`}>{item.name}</Link>
            <span className="muted">{t(item.type)}</span>
            <code>{item.clientId}</code>
            <span className={`object-state object-state-${item.isCompliant ? item.state : 'unsafe'}`}>
              {item.isCompliant ? t(item.state) : t('unsafe')}
            </span>
            <time className="muted" dateTime={item.createdAt} title={formats.dateTime(item.createdAt)}>
              {formats.date(item.createdAt)}
            </time>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div>
          <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Every application somebody may see. */
export function ApplicationsPage() {
  const t = useText(applicationMessages);
  return (
    <div className="stack-large">
      <header>
        <h1>{t('title')}</h1>
        <p className="muted">{t('intro')}</p>
      </header>
      <ApplicationList />
    </div>
  );
}
