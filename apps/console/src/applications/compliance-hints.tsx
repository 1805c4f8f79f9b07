import { CircleCheck, Info, OctagonX, TriangleAlert } from 'lucide-react';
import { useLanguage } from '../i18n/language.ts';
import { useText } from '../i18n/text.ts';
import { germanHints } from './german-hints.ts';
import { applicationMessages } from './messages.ts';
import type { Verdict } from './use-applications.ts';

/** What cannot be saved about settings, what is unsafe, and how to mend it. */
export function ComplianceHints({ compliance, refusals }: Pick<Verdict, 'compliance' | 'refusals'>) {
  const t = useText(applicationMessages);
  const { language } = useLanguage();
  if (refusals.length === 0 && compliance.problems.length === 0)
    return (
      <p className="hint hint-good" role="status">
        <CircleCheck size={16} aria-hidden /> {t('hintsNone')}
      </p>
    );
  return (
    <div className="stack-small" role="status">
      {refusals.length > 0 && (
        <div className="hint hint-bad">
          <OctagonX size={16} aria-hidden />
          <div>
            <strong>{t('refusalsTitle')}</strong>
            <ul>
              {refusals.map(({ setting, index, detail }) => (
                <li key={`${setting} ${index ?? ''} ${detail}`}>
                  <code>{index === undefined ? setting : `${setting} ${index + 1}`}</code> {detail}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {compliance.problems.map(({ code, level, setting, message, fix }) => (
        <div key={`${code} ${message}`} className={level === 'hint' ? 'hint' : 'hint hint-warn'}>
          {level === 'hint' ? <Info size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
          <div>
            <code>{setting}</code>
            <p>{(language === 'de' ? germanHints[code]?.message : undefined) ?? message}</p>
            <p className="hint-fix">{(language === 'de' ? germanHints[code]?.fix : undefined) ?? fix}</p>
          </div>
        </div>
      ))}
    </div>
  );
}
