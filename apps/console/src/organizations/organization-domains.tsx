import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';

/** The domains of an organization, and how to show that one is its own. */
export function OrganizationDomains({ organizationId }: { readonly organizationId: string }) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const [domain, setDomain] = useState('');
  const path = { organizationId };
  const { data = [] } = useQuery({
    queryKey: ['organizations', organizationId, 'domains'],
    queryFn: async ({ signal }) => (await api.call('listOrganizationDomains', { path, signal })).data.items,
  });
  const refreshes = ['organizations'];
  const add = useAction(() => api.call('addOrganizationDomain', { path, body: { domain } }), refreshes);
  const verify = useAction(
    (name: string) => api.call('verifyOrganizationDomain', { path: { ...path, domain: name } }),
    refreshes,
  );
  const primary = useAction(
    (name: string) => api.call('setPrimaryOrganizationDomain', { path: { ...path, domain: name } }),
    refreshes,
  );
  const remove = useAction(
    (name: string) => api.call('removeOrganizationDomain', { path: { ...path, domain: name } }),
    refreshes,
  );
  return (
    <section className="stack-small">
      <h2>{t('domains')}</h2>
      {data.map((each) => (
        <div key={each.domain} className="card stack-small">
          <div className="row-between">
            <span>
              <strong>{each.domain}</strong>{' '}
              <span className="muted">
                {t(each.isPrimary ? 'primary' : each.isVerified ? 'verified' : 'unverified')}
              </span>
            </span>
            <span className="row">
              {!each.isVerified && (
                <Button size="small" isBusy={verify.isPending} onClick={() => verify.mutate(each.domain)}>
                  {t('verify')}
                </Button>
              )}
              {each.isVerified && !each.isPrimary && (
                <Button size="small" onClick={() => primary.mutate(each.domain)}>
                  {t('makePrimary')}
                </Button>
              )}
              {!each.isPrimary && (
                <Button size="small" variant="quiet" onClick={() => remove.mutate(each.domain)}>
                  {kit('remove')}
                </Button>
              )}
            </span>
          </div>
          {each.verification !== null && (
            <>
              <p className="muted">{t('proof')}</p>
              <CopyValue label={each.verification.dnsName} value={each.verification.dnsValue} />
              <CopyValue label="URL" value={each.verification.fileUrl} />
            </>
          )}
        </div>
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, { onSuccess: () => setDomain('') });
        }}
      >
        <TextField label={t('addDomain')} help={t('domainHelp')} value={domain} onChange={setDomain} />
        <Button type="submit" isBusy={add.isPending}>
          {kit('add')}
        </Button>
      </form>
    </section>
  );
}
