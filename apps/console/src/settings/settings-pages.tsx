import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { PageHeader } from '../kit/page-header.tsx';
import { BrandingScreen } from './branding-screen.tsx';
import { settingsMessages } from './messages.ts';
import { SettingsScreen } from './settings-screen.tsx';

const instance = { kind: 'instance' } as const;

/** The organization of the address (`:organizationId`), or the one whoever is signed in belongs to. */
function useOrganization(): { readonly id: string; readonly name: string } | undefined {
  const api = useApi();
  const { organizationId } = useParams();
  const query = useQuery({
    queryKey: ['settings', 'organization-name', organizationId ?? 'own'],
    queryFn: async ({ signal }) => {
      if (organizationId === undefined) {
        const { data } = await api.call('getMe', { signal });
        return { id: data.organizationId, name: data.organizationName };
      }
      const { data } = await api.call('getOrganization', { path: { organizationId }, signal });
      return { id: data.id, name: data.name };
    },
  });
  return query.data;
}

/** The settings of the instance. */
export function InstanceSettingsPage() {
  const t = useText(settingsMessages);
  return (
    <div className="stack-large">
      <PageHeader title={t('instanceTitle')} intro={t('instanceIntro')} />
      <SettingsScreen api={useApi()} scope={instance} />
    </div>
  );
}

/** The settings of an organization. */
export function OrganizationSettingsPage() {
  const t = useText(settingsMessages);
  const api = useApi();
  const organization = useOrganization();
  if (organization === undefined) return <PageHeader title={t('organizationTitle')} />;
  const { id, name } = organization;
  return (
    <div className="stack-large">
      <PageHeader title={t('organizationTitle')} intro={t('organizationIntro', { name })} />
      <SettingsScreen key={id} api={api} scope={{ kind: 'organization', id }} />
    </div>
  );
}

/** The look of the sign-in pages of an organization where the address names one, else of the instance. */
export function BrandingPage() {
  const t = useText(settingsMessages);
  const api = useApi();
  const { organizationId } = useParams();
  const organization = useOrganization();
  const scope =
    organizationId === undefined ? instance : ({ kind: 'organization', id: organizationId } as const);
  return (
    <div className="stack-large">
      <PageHeader title={t('brandingTitle')} intro={t('brandingIntro')} />
      <BrandingScreen
        key={organizationId ?? 'instance'}
        api={api}
        scope={scope}
        name={organization?.name ?? 'Latchkey'}
      />
    </div>
  );
}
