import { useDeferredValue } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { CreateProject } from './create-project.tsx';
import { projectMessages } from './messages.ts';
import { type Project, useProjects } from './use-projects.ts';
import '../applications/applications.css';

function ProjectRow({ project }: { readonly project: Project }) {
  const t = useText(projectMessages);
  const formats = useFormats();
  const { id, name, state, isSystem, applicationCount, roleCount, createdAt } = project;
  return (
    <li>
      <Link to={`/projects/${id}`}>{name}</Link>
      {isSystem && <span className="muted">{t('system')}</span>}
      <span className="muted numeric">
        {t('applications')} {formats.number(applicationCount)} · {t('roles')} {formats.number(roleCount)}
      </span>
      <span className={`object-state object-state-${state}`}>{t(state)}</span>
      <time className="muted" dateTime={createdAt} title={formats.dateTime(createdAt)}>
        {formats.date(createdAt)}
      </time>
    </li>
  );
}

/** The projects somebody may see. The address holds search, filter and whether one is being made. */
export function ProjectsPage() {
  const t = useText(projectMessages);
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const state = (['active', 'inactive'] as const).find((each) => each === params.get('state'));
  const within = useOrganizationFilter();
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage, error } = useProjects({
    ...within,
    sort: 'name',
    search: useDeferredValue(search),
    ...(state === undefined ? {} : { state }),
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
  const isNarrowed = search !== '' || state !== undefined;
  return (
    <div className="stack-large">
      <header className="row-between">
        <div>
          <h1>{t('title')}</h1>
          <p className="muted">{t('intro')}</p>
        </div>
        <Button variant="primary" onClick={() => set('create', 'yes')}>
          {t('create')}
        </Button>
      </header>
      {params.get('create') === 'yes' && <CreateProject onCancel={() => set('create', '')} />}
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
          aria-label={t('state')}
          value={state ?? ''}
          onChange={(event) => set('state', event.target.value)}
        >
          <option value="">{t('anyState')}</option>
          <option value="active">{t('active')}</option>
          <option value="inactive">{t('inactive')}</option>
        </select>
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
        {items.map((project) => (
          <ProjectRow key={project.id} project={project} />
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
