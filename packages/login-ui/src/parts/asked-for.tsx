/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren } from 'preact';
import type { Translator } from '../translator.ts';
import type { ConsentLine, PageContext } from '../view-models.ts';
import { visibleText } from '../visible-text.ts';

function itemText(item: ConsentLine, organizationName: string, translator: Translator): ComponentChildren {
  if (typeof item === 'object')
    return translator.rich('consent.project', {
      project: <bdi>{visibleText(item.project)}</bdi>,
      organization: <bdi>{visibleText(item.organization)}</bdi>,
    });
  switch (item) {
    case 'roles':
    case 'metadata':
      return translator.rich(`consent.${item}`, { organization: <bdi>{visibleText(organizationName)}</bdi> });
    default:
      return translator.text(`consent.${item}`);
  }
}

/** What an application asks for, a line each. */
export function AskedFor(props: {
  readonly items: readonly ConsentLine[];
  readonly context: PageContext;
  readonly translator: Translator;
}) {
  const { items, context, translator } = props;
  return (
    <ul class="asked-for">
      {items.map((item, index) => (
        <li key={index} data-item={typeof item === 'object' ? item.kind : item}>
          <svg class="sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="m3 8.5 3.25 3.25L13 5" />
          </svg>
          <span>{itemText(item, context.organizationName, translator)}</span>
        </li>
      ))}
    </ul>
  );
}
