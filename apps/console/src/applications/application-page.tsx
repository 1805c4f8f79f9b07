import { Link, useParams, useSearchParams } from 'react-router';
import { useText } from '../i18n/text.ts';
import { CopyValue } from '../kit/copy.tsx';
import { errorText } from '../kit/problem-text.ts';
import { ApplicationDanger } from './application-danger.tsx';
import { ApplicationDeliveries } from './application-deliveries.tsx';
import { ApplicationKeys } from './application-keys.tsx';
import { ApplicationSecrets } from './application-secrets.tsx';
import { ApplicationSettings } from './application-settings.tsx';
import { ApplicationStart } from './application-start.tsx';
import { applicationMessages } from './messages.ts';
import { useApplication } from './use-applications.ts';
import './applications.css';

const tabs = ['settings', 'start', 'credentials', 'danger'] as const;

/** An application: its settings, secrets and keys, and what ends it. The address holds the tab. */
export function ApplicationPage() {
  const t = useText(applicationMessages);
  const { applicationId = '' } = useParams();
  const [search] = useSearchParams();
  const tab = tabs.find((each) => each === search.get('tab')) ?? 'settings';
  const { data: answer, error } = useApplication(applicationId);
  if (error !== null)
    return (
      <p className="option-error" role="alert">
        {errorText(error)}
      </p>
    );
  if (answer === undefined) return null;
  const { data: application, etag } = answer;
  const { name, type, state, projectId, projectName, clientId, isSystem } = application;
  return (
    <div className="stack-large">
      <header className="stack-small">
        <p className="muted">
          <Link to={`/projects/${projectId}`}>{projectName}</Link>
        </p>
        <h1>{name}</h1>
        <p className="muted">
          {t(type)} · {t(state)}
        </p>
        <CopyValue label={t('clientId')} value={clientId} />
        <p>
          <Link to={`/events?object=${application.id}`}>{t('history')}</Link>
        </p>
        {isSystem && <p className="hint">{t('systemText')}</p>}
      </header>
      <nav className="page-tabs" aria-label={name}>
        {tabs
          .filter((each) => !isSystem || each === 'settings')
          .map((each) => (
            <Link key={each} to={`?tab=${each}`} aria-current={each === tab ? 'page' : undefined}>
              {t(each)}
            </Link>
          ))}
      </nav>
      {!isSystem && <ApplicationDeliveries applicationId={application.id} />}
      {tab === 'settings' && (
        <ApplicationSettings key={application.id} application={application} etag={etag} />
      )}
      {tab === 'start' && (
        <ApplicationStart
          clientId={clientId}
          isApi={type === 'api'}
          redirectUri={application.redirectUris[0] ?? ''}
        />
      )}
      {tab === 'credentials' && (
        <>
          <section className="stack">
            <h2>{t('secrets')}</h2>
            <ApplicationSecrets application={application} />
          </section>
          <section className="stack">
            <h2>{t('keys')}</h2>
            <ApplicationKeys application={application} />
          </section>
        </>
      )}
      {tab === 'danger' && <ApplicationDanger application={application} />}
    </div>
  );
}
