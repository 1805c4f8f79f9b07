import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { applicationMessages } from './messages.ts';

/** A value to be used elsewhere, with a button that copies it. */
export function CopyValue({ label, value }: { readonly label: string; readonly value: string }) {
  const t = useText(applicationMessages);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <div className="copy-value">
      <span className="muted">{label}</span>
      <code>{value}</code>
      <button
        type="button"
        className="copy-button"
        aria-label={`${t('copy')}: ${label}`}
        onClick={copy}
        onBlur={() => setCopied(false)}
      >
        {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </button>
    </div>
  );
}
