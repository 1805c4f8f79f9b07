import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { kitMessages } from './messages.ts';

/** A button that copies a value and says so. */
export function Copy({ value, label }: { readonly value: string; readonly label: string }) {
  const t = useText(kitMessages);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`${t(isCopied ? 'copied' : 'copy')}: ${label}`}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {isCopied ? <Check size={14} aria-hidden /> : <CopyIcon size={14} aria-hidden />}
    </button>
  );
}

/** An id, token or other value people copy. */
export function CopyValue({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <span className="copy-field">
      <span className="muted">{label}</span>
      <code>{value}</code>
      <Copy value={value} label={label} />
    </span>
  );
}

/** Code with a button that copies it. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <section className="code-block" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
      <Copy value={code} label={label} />
    </section>
  );
}

/** A secret that is shown this once: to be copied or kept as a file before it is gone. */
export function SecretOnce(props: {
  readonly label: string;
  readonly value: string;
  readonly fileName: string;
}) {
  const { label, value, fileName } = props;
  const t = useText(kitMessages);
  const href = `data:text/plain;charset=utf-8,${encodeURIComponent(value)}`;
  return (
    <div className="secret-once" role="status">
      <p>
        <strong>{label}</strong> {t('shownOnce')}
      </p>
      <CodeBlock code={value} label={label} />
      <a className="button" data-size="small" download={fileName} href={href}>
        {t('download')}
      </a>
    </div>
  );
}
