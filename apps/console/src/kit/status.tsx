import { useEffect, useState } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { kitMessages } from './messages.ts';

/** A state as a dot and a word, so that colour alone says nothing. */
export function StatusDot({ state }: { readonly state: 'active' | 'inactive' | 'locked' }) {
  const t = useText(kitMessages);
  return (
    <span className="status" data-state={state}>
      {t(state)}
    </span>
  );
}

/** How long ago something was; the exact time is in the tooltip. */
export function RelativeTime({ time }: { readonly time: string }) {
  const formats = useFormats();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time className="muted numeric" dateTime={time} title={formats.dateTime(time)}>
      {formats.relative(time, now)}
    </time>
  );
}
