import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { MetadataList } from '../kit/metadata-list.tsx';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { StatusDot } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { ManagerList } from './manager-list.tsx';
import { organizationMessages } from './messages.ts';
import { OrganizationDomains } from './organization-domains.tsx';
import { OrganizationName } from './organization-name.tsx';

/** An organization: its domains, managers, settings and end. */
export function OrganizationPage() {
  const t = useText(organizationMessages);
  const api = useApi();
  const navigate = useNavigate();
  const { organizationId = '' } = useParams();
  const path = { organizationId };
  const {
    data: answer,
    error,
    refetch,
  } = useQuery({
    queryKey: ['organizations', organizationId],
    queryFn: ({ signal }) => api.call('getOrganization', { path, signal }),
  });
  const setState = useAction(
    (isActive: boolean) => api.call(isActive ? 'deactivateOrganization' : 'activateOrganization', { path }),
    ['organizations'],
    {
      undo: (isActive) => api.call(isActive ? 'activateOrganization' : 'deactivateOrganization', { path }),
    },
  );
  const remove = useAction(() => api.call('removeOrganization', { path }), ['organizations']);
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (answer === undefined) return <div className="skeleton" />;
  const { data, etag } = answer;
  const isActive = data.state === 'active';
  return (
    <div className="stack-large">
      <PageHeader title={data.name} intro={data.primaryDomain} action={<StatusDot state={data.state} />} />
      <div className="row">
        <CopyValue label="ID" value={data.id} />
        <Link to={`/organizations/${data.id}/settings`}>{t('settings')}</Link>
        <Link to={`/organizations/${data.id}/branding`}>{t('branding')}</Link>
        <Link to={`/events?object=${data.id}`}>{t('history')}</Link>
      </div>
      <OrganizationName key={etag} organizationId={organizationId} name={data.name} etag={etag} />
      <OrganizationDomains organizationId={organizationId} />
      <ManagerList level="organization" objectId={organizationId} />
      <MetadataList
        queryKey={['organizations', organizationId, 'metadata']}
        load={async (signal) => (await api.call('listOrganizationMetadata', { path, signal })).data.items}
        set={(key, value) => api.call('setOrganizationMetadata', { path: { ...path, key }, body: { value } })}
        remove={(key) => api.call('removeOrganizationMetadata', { path: { ...path, key } })}
      />
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
