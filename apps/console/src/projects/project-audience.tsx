import { type FormEvent, useId, useState } from 'react';
import { Link } from 'react-router';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { audienceMessages } from './audience-messages.ts';
import { type Project, useProjectActions, useProjectGrants } from './use-projects.ts';

type Lists = 'allowedClientIds' | 'allowedOrganizationIds';

const wording = {
  allowedClientIds: ['clientsTitle', 'clientsText', 'clientId', 'addClient', 'noClients'],
  allowedOrganizationIds: [
    'organizationsTitle',
    'organizationsText',
    'organizationId',
    'addOrganization',
    'noOrganizations',
  ],
} as const;

interface SectionProps {
  readonly project: Project;
  readonly etag: string | undefined;
}

/** Applications or organizations that are allowed one by one. */
function AllowedList({ project, etag, list }: SectionProps & { readonly list: Lists }) {
  const t = useText(audienceMessages);
  const id = useId();
  const { update } = useProjectActions(project.id);
  const [typed, setTyped] = useState('');
  const [title, text, label, add, none] = wording[list];
  const entries = project[list];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    update.mutate(
      { [list]: [...entries, typed.trim()], ifMatch: etag },
      {
        onSuccess: () => {
          setTyped('');
          toast(t('saved'));
        },
      },
    );
  };
  const remove = (entry: string): void =>
    update.mutate(
      { [list]: entries.filter((each) => each !== entry), ifMatch: etag },
      { onSuccess: () => toast(t('removed')) },
    );
  return (
    <section className="card stack" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{t(title)}</h3>
      <p className="muted">{t(text)}</p>
      {entries.length === 0 && <p>{t(none)}</p>}
      <ul className="stack-small">
        {entries.map((entry) => (
          <li key={entry} className="row">
            <code>{entry}</code>
            <Button
              variant="quiet"
              aria-label={t('removeEntry', { id: entry })}
              isBusy={update.isPending}
              onClick={() => remove(entry)}
            >
              {t('remove')}
            </Button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={submit}>
        <label htmlFor={id}>{t(label)}</label>
        <input
          id={id}
          className="input mono"
          required
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" isBusy={update.isPending}>
          {t(add)}
        </Button>
      </form>
      {update.error !== null && (
        <p className="option-error" role="alert">
          {errorText(update.error)}
        </p>
      )}
    </section>
  );
}

function OpenSwitch({ project, etag }: SectionProps) {
  const t = useText(audienceMessages);
  const id = useId();
  const { update } = useProjectActions(project.id);
  return (
    <div className="option">
      <label className="check">
        <input
          type="checkbox"
          aria-describedby={id}
          disabled={update.isPending}
          checked={project.isOpenToThirdParties}
          onChange={(event) => update.mutate({ isOpenToThirdParties: event.target.checked, ifMatch: etag })}
        />
        {t('open')}
      </label>
      <p id={id} className="option-help">
        {t('openHelp')}
      </p>
      {update.error !== null && (
        <p className="option-error" role="alert">
          {errorText(update.error)}
        </p>
      )}
    </div>
  );
}

function Granted({ project }: { readonly project: Project }) {
  const t = useText(audienceMessages);
  const pages = useProjectGrants(project.id).data?.pages ?? [];
  const active = pages.flatMap((page) => page.items).filter(({ state }) => state === 'active');
  return (
    <section className="card stack" aria-labelledby="audience-granted">
      <h3 id="audience-granted">{t('grantedTitle')}</h3>
      <p className="muted">{t('grantedText')}</p>
      {active.length === 0 && <p>{t('noGrants')}</p>}
      <ul>
        {active.map(({ id, organizationName }) => (
          <li key={id}>{organizationName}</li>
        ))}
      </ul>
      <p>
        <Link to="?tab=grants">{t('manageGrants')}</Link>
      </p>
    </section>
  );
}

/** Who can get tokens for a project: every fact that decides it, and the lists that can be changed. */
export function ProjectAudience(props: SectionProps) {
  const { project } = props;
  const t = useText(audienceMessages);
  return (
    <div className="stack-large">
      <header className="stack-small">
        <h2>{t('title')}</h2>
        <p className="muted">{t('intro')}</p>
      </header>
      <section className="card stack" aria-labelledby="audience-own">
        <h3 id="audience-own">{t('ownTitle')}</h3>
        <p>{t('ownText', { organization: project.organizationName })}</p>
        <p className="muted">{t('machineText')}</p>
      </section>
      <Granted project={project} />
      <AllowedList {...props} list="allowedClientIds" />
      <AllowedList {...props} list="allowedOrganizationIds" />
      <OpenSwitch {...props} />
    </div>
  );
}
