import { useSources, useTopics } from '../articles/use-catalog.ts';
import { Field } from './field.tsx';
import type { FieldsProps } from './fields-props.ts';
import { PictureFields } from './picture-fields.tsx';

/** The fields of an article. */
export function ArticleFields({ draft, problems, onChange }: FieldsProps) {
  return (
    <>
      <Field name="title" label="Title" problem={problems.get('title')}>
        {(control) => (
          <input
            {...control}
            maxLength={200}
            value={draft.title}
            onChange={(event) => onChange({ title: event.target.value })}
          />
        )}
      </Field>
      <Field
        name="summary"
        label="Summary"
        hint="One or two sentences, shown in lists."
        problem={problems.get('summary')}
      >
        {(control) => (
          <textarea
            {...control}
            rows={2}
            maxLength={600}
            value={draft.summary}
            onChange={(event) => onChange({ summary: event.target.value })}
          />
        )}
      </Field>
      <Field
        name="body"
        label={draft.format === 'markdown' ? 'Text (Markdown)' : 'Text (HTML)'}
        hint="A blank line begins a paragraph, ## a heading, > a quotation."
        problem={problems.get('body')}
      >
        {(control) => (
          <textarea
            {...control}
            className="editor-text"
            rows={16}
            spellCheck
            value={draft.text}
            onChange={(event) => onChange({ text: event.target.value })}
          />
        )}
      </Field>
      <Placement draft={draft} problems={problems} onChange={onChange} />
      <PictureFields draft={draft} problems={problems} onChange={onChange} />
    </>
  );
}

function Placement({ draft, problems, onChange }: FieldsProps) {
  const topics = useTopics().data?.items ?? [];
  const sources = useSources().data?.items ?? [];
  return (
    <div className="field-grid">
      <Field name="topic" label="Topic" problem={problems.get('topic')}>
        {(control) => (
          <select
            {...control}
            value={draft.topic}
            onChange={(event) => onChange({ topic: event.target.value })}
          >
            <option value="">Choose…</option>
            {topics.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="source" label="Source" problem={problems.get('source')}>
        {(control) => (
          <select
            {...control}
            value={draft.source}
            onChange={(event) => onChange({ source: event.target.value })}
          >
            <option value="">Choose…</option>
            {sources.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="author" label="Author" problem={problems.get('author')}>
        {(control) => (
          <input
            {...control}
            maxLength={120}
            value={draft.author}
            onChange={(event) => onChange({ author: event.target.value })}
          />
        )}
      </Field>
      <Field name="tags" label="Tags" hint="Separated by commas." problem={problems.get('tags')}>
        {(control) => (
          <input
            {...control}
            value={draft.tags}
            onChange={(event) => onChange({ tags: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
