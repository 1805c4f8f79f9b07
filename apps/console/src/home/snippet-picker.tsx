import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { CodeBlock } from '../kit/copy.tsx';
import { homeMessages } from './messages.ts';
import type { Snippet, SnippetFacts } from './snippets.ts';

/** Code for the chosen framework. */
export function SnippetPicker({
  snippets,
  facts,
}: {
  readonly snippets: readonly Snippet[];
  readonly facts: SnippetFacts;
}) {
  const t = useText(homeMessages);
  const [chosen, setChosen] = useState(snippets[0]?.id);
  const snippet = snippets.find(({ id }) => id === chosen);
  if (snippet === undefined) return null;
  return (
    <div className="stack-small">
      <fieldset className="segments">
        <legend className="visually-hidden">{t('framework')}</legend>
        {snippets.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="button"
            data-size="small"
            data-variant={id === chosen ? 'usual' : 'quiet'}
            aria-pressed={id === chosen}
            onClick={() => setChosen(id)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <CodeBlock code={snippet.code(facts)} label={`${t('snippet')}: ${snippet.name}`} />
    </div>
  );
}
