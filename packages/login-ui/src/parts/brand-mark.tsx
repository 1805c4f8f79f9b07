/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { PageBranding, PageContext } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';
import { KeyMark } from './key-mark.tsx';

interface Logos {
  readonly usual: string;
  /** The one for dark pages, where pages may be dark and it is another. */
  readonly dark?: string;
}

function logosOf(branding: PageBranding): Logos | undefined {
  const { logoLight, logoDark, themeMode } = branding;
  const usual = themeMode === 'dark' ? (logoDark ?? logoLight) : (logoLight ?? logoDark);
  if (usual === undefined) return undefined;
  const isOther = themeMode === 'auto' && logoDark !== undefined && logoDark !== usual;
  return { usual, ...(isOther ? { dark: logoDark } : {}) };
}

/** Whose sign-in this is: the organization's logo, or its name, after the key unless that is hidden. */
export function BrandMark({ context }: { readonly context: PageContext }) {
  const { branding } = context;
  const organizationName = visibleText(context.organizationName);
  const logos = branding === undefined ? undefined : logosOf(branding);
  if (logos === undefined) {
    return (
      <p class="wordmark">
        {branding?.hidesKeyMark === true ? null : <KeyMark />}
        <bdi>{organizationName}</bdi>
      </p>
    );
  }
  return (
    <p class="wordmark">
      <picture>
        {logos.dark !== undefined && <source media="(prefers-color-scheme: dark)" srcset={logos.dark} />}
        <img class="logo" src={logos.usual} alt={organizationName} />
      </picture>
    </p>
  );
}
