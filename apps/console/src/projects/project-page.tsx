import { Link, useParams, useSearchParams } from 'react-router';
import { ApplicationList } from '../applications/application-list.tsx';
import { useText } from '../i18n/text.ts';
import { CopyValue } from '../kit/copy.tsx';
import { errorText } from '../kit/problem-text.ts';
import { ManagerList } from '../organizations/manager-list.tsx';
import { projectMessages } from './messages.ts';
import { ProjectAudience } from './project-audience.tsx';
import { ProjectGrants } from './project-grants.tsx';
import { ProjectRoles } from './project-roles.tsx';
import { ProjectSettings } from './project-settings.tsx';
import { type Project, useProject } from './use-projects.ts';
import '../applications/applications.css';

const tabs = [
  'applications',
  'roles',
  'authorizations',
  'grants',
  'audience',
  'managers',
  'settings',
] as const;

function Tab(props: {
  readonly tab: (typeof tabs)[number];
  readonly project: Project;
  readonly etag: string | undefined;
}) {
  const { tab, project, etag } = props;
  const t = useText(projectMessages);
  switch (tab) {
    case 'applications':
      return <ApplicationList projectId={project.id} />;
    case 'roles':
      return <ProjectRoles project={project} />;
    case 'grants':
      return <ProjectGrants project={project} />;
    case 'audience':
      return <ProjectAudience key={project.id} project={project} etag={etag} />;
    case 'managers':
      return <ManagerList level="project" objectId={project.id} />;
    case 'settings':
      return <ProjectSettings key={project.id} project={project} etag={etag} />;
    case 'authorizations':
      return (
        <p>
          {t('authorizationsText')}{' '}
          <Link to={`/authorizations?project=${project.id}`}>{t('showAuthorizations')}</Link>
        </p>
      );
  }
}

/** A project: its applications, roles, grants and settings. The address holds the tab. */
export function ProjectPage() {
  const t = useText(projectMessages);
  const { projectId = '' } = useParams();
  const [params] = useSearchParams();
  const tab = tabs.find((each) => each === params.get('tab')) ?? 'applications';
  const { data: answer, error } = useProject(projectId);
  if (error !== null)
    return (
      <p className="option-error" role="alert">
        {errorText(error)}
      </p>
    );
  if (answer === undefined) return null;
  const { data: project, etag } = answer;
  return (
    <div className="stack-large">
      <header className="stack-small">
        <p className="muted">
          <Link to="/projects">{t('title')}</Link> · {project.organizationName}
        </p>
        <h1>{project.name}</h1>
        <CopyValue label={t('id')} value={project.id} />
        <p>
          <Link to={`/events?object=${project.id}`}>{t('history')}</Link>
        </p>
        {project.isSystem && <p className="hint">{t('systemText')}</p>}
        {project.state === 'inactive' && <p className="hint">{t('inactive')}</p>}
      </header>
      <nav className="page-tabs" aria-label={project.name}>
        {tabs
          .filter((each) => !project.isSystem || each === 'applications' || each === 'authorizations')
          .map((each) => (
            <Link key={each} to={`?tab=${each}`} aria-current={each === tab ? 'page' : undefined}>
              {t(each)}
            </Link>
          ))}
      </nav>
      <Tab tab={tab} project={project} etag={etag} />
    </div>
  );
}
