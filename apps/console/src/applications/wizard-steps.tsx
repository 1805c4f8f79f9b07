import { AppWindow, Braces, Server, Smartphone } from 'lucide-react';
import { useId } from 'react';
import { useText } from '../i18n/text.ts';
import { useProjects } from '../projects/use-projects.ts';
import { ComplianceHints } from './compliance-hints.tsx';
import { applicationMessages } from './messages.ts';
import type { Verdict } from './use-applications.ts';

/** What is chosen step by step. */
export interface WizardDraft {
  readonly type: 'user_agent' | 'web' | 'native' | 'api';
  readonly projectId: string;
  readonly name: string;
  readonly redirectUris: string;
  readonly postLogoutRedirectUris: string;
  readonly developmentMode: boolean;
}

interface StepProps {
  readonly draft: WizardDraft;
  readonly onChange: (change: Partial<WizardDraft>) => void;
}

const kinds = [
  ['user_agent', 'userAgentText', AppWindow],
  ['web', 'webText', Server],
  ['native', 'nativeText', Smartphone],
  ['api', 'apiText', Braces],
] as const;

/** What it is. */
export function TypeStep({ draft, onChange }: StepProps) {
  const t = useText(applicationMessages);
  return (
    <fieldset className="stack-small">
      <legend>
        <h2>{t('typeQuestion')}</h2>
      </legend>
      <div className="type-cards">
        {kinds.map(([type, text, Icon]) => (
          <label key={type} className="type-card">
            <input
              type="radio"
              name="type"
              checked={draft.type === type}
              onChange={() => onChange({ type })}
            />
            <Icon size={18} aria-hidden />
            <span className="type-text">
              <strong>{t(type)}</strong>
              <span className="muted">{t(text)}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What it is called and where it belongs. */
export function NameStep({ draft, error, onChange }: StepProps & { readonly error: string | undefined }) {
  const t = useText(applicationMessages);
  const id = useId();
  const projects = useProjects({ limit: 200, sort: 'name', state: 'active' });
  const items = projects.data?.pages.flatMap((page) => page.items).filter(({ isSystem }) => !isSystem) ?? [];
  return (
    <div className="stack">
      <div className="option">
        <label htmlFor={`${id}-name`}>
          <h2>{t('nameQuestion')}</h2>
        </label>
        <input
          id={`${id}-name`}
          className="input"
          required
          maxLength={200}
          aria-describedby={`${id}-help`}
          aria-invalid={error === undefined ? undefined : true}
          value={draft.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
        <p id={`${id}-help`} className={error === undefined ? 'option-help' : 'option-help option-error'}>
          {error ?? t('nameHelp')}
        </p>
      </div>
      <div className="option">
        <label htmlFor={`${id}-project`}>{t('projectQuestion')}</label>
        <select
          id={`${id}-project`}
          className="select"
          required
          value={draft.projectId}
          onChange={(event) => onChange({ projectId: event.target.value })}
        >
          <option value="" />
          {items.map((project) => (
            <option key={project.id} value={project.id}>
              {project.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** Where people come back to; what is unsafe about it is told while it is typed. */
export function RedirectStep(props: StepProps & { readonly verdict: Verdict | undefined }) {
  const { draft, verdict, onChange } = props;
  const t = useText(applicationMessages);
  const id = useId();
  return (
    <div className="stack">
      <div className="option">
        <label htmlFor={`${id}-redirect`}>
          <h2>{t('redirectQuestion')}</h2>
        </label>
        <textarea
          id={`${id}-redirect`}
          className="input mono"
          rows={3}
          spellCheck={false}
          placeholder="https://app.example.com/callback"
          aria-describedby={`${id}-help`}
          value={draft.redirectUris}
          onChange={(event) => onChange({ redirectUris: event.target.value })}
        />
        <p id={`${id}-help`} className="option-help">
          {t('redirectHelp')}
        </p>
      </div>
      <div className="option">
        <label htmlFor={`${id}-logout`}>{t('logoutLabel')}</label>
        <textarea
          id={`${id}-logout`}
          className="input mono"
          rows={2}
          spellCheck={false}
          value={draft.postLogoutRedirectUris}
          onChange={(event) => onChange({ postLogoutRedirectUris: event.target.value })}
        />
        <p className="option-help">{t('logoutHelp')}</p>
      </div>
      <div className="option">
        <label className="check">
          <input
            type="checkbox"
            checked={draft.developmentMode}
            onChange={(event) => onChange({ developmentMode: event.target.checked })}
          />
          {t('developmentQuestion')}
        </label>
        <p className="option-help">{t('developmentHelp')}</p>
      </div>
      {verdict !== undefined && draft.redirectUris.trim() !== '' && (
        <ComplianceHints compliance={verdict.compliance} refusals={verdict.refusals} />
      )}
    </div>
  );
}
