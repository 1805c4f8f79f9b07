import { useText } from '../i18n/text.ts';
import { PageHeader } from '../kit/page-header.tsx';
import { peopleMessages } from './messages.ts';
import { SessionList } from './session-list.tsx';

/** Where people are signed in now. */
export function SessionsPage() {
  const t = useText(peopleMessages);
  return (
    <div className="stack-large">
      <PageHeader title={t('sessions')} intro={t('sessionsIntro')} />
      <SessionList />
    </div>
  );
}
