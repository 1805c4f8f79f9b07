import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { StatusDot } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { ManagerList } from './manager-list.tsx';
import { organizationMessages } from './messages.ts';
import { OrganizationDomains } from './organization-domains.tsx';

/** An organization: its domains, managers, settings and end. */
export function OrganizationPage() {
  const t = useText(organizationMessages);
  const api = useApi();
  const navigate = useNavigate();
  const { organizationId = '' } = useParams();
  const path = { organizationId };
  const { data, error, refetch } = useQuery({
    queryKey: ['organizations', organizationId],
    queryFn: async ({ signal }) => (await api.call('getOrganization', { path, signal })).data,
  });
  const setState = useAction(
    (isActive: boolean) => api.call(isActive ? 'deactivateOrganization' : 'activateOrganization', { path }),
    ['organizations'],
  );
  const remove = useAction(() => api.call('removeOrganization', { path }), ['organizations']);
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <div className="skeleton" />;
  const isActive = data.state === 'active';
  return (
    <div className="stack-large">
      <PageHeader title={data.name} intro={data.primaryDomain} action={<StatusDot state={data.state} />} />
      <div className="row">
        <CopyValue label="ID" value={data.id} />
        <Link to={`/organizations/${data.id}/settings`}>{t('settings')}</Link>
        <Link to={`/organizations/${data.id}/branding`}>{t('branding')}</Link>
      </div>
      <OrganizationDomains organizationId={organizationId} />
      <ManagerList level="organization" objectId={organizationId} />
      {!data.isSystem && (
        <section className="stack-small">
          <h2>{t('danger')}</h2>
          <div className="row">
            {isActive ? (
              <ConfirmDanger
                action={t('deactivate')}
                title={t('deactivateTitle')}
                consequences={t('deactivateText')}
                onConfirm={() => setState.mutate(true)}
              />
            ) : (
              <Button size="small" onClick={() => setState.mutate(false)}>
                {t('activate')}
              </Button>
            )}
            <ConfirmDanger
              action={t('remove')}
              title={t('removeTitle')}
              consequences={t('removeText')}
              name={data.name}
              onConfirm={() => remove.mutate(undefined, { onSuccess: () => navigate('/organizations') })}
            />
          </div>
        </section>
      )}
    </div>
  );
}
