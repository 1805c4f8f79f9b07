import { useText } from '../i18n/text.ts';
import { PageHeader } from '../kit/page-header.tsx';
import { ManagerList } from './manager-list.tsx';
import { organizationMessages } from './messages.ts';

/** Who manages the whole instance. */
export function InstanceManagersPage() {
  const t = useText(organizationMessages);
  return (
    <div className="stack-large">
      <PageHeader title={t('managers')} intro={t('managersIntro')} />
      <ManagerList level="instance" objectId="" />
    </div>
  );
}
