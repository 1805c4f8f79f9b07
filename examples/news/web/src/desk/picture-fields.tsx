import type { PictureDescription } from '@latchkey-examples/news-api/contract';
import { useApi } from '../api/api-context.tsx';
import { useResource } from '../api/use-resource.ts';
import { useReader } from '../reader/reader-context.tsx';
import { Field } from './field.tsx';
import type { FieldsProps } from './fields-props.ts';

const none: PictureDescription = { motif: '', palette: '', alt: '' };

/** Which picture is drawn. Without a choice the API chooses one. */
export function PictureFields({ draft, problems, onChange }: FieldsProps) {
  const { api } = useApi();
  const key = useReader()?.key('picture-options');
  const options = useResource(key, api.pictureOptions).data;
  const picture = draft.picture ?? none;
  const change = (part: Partial<PictureDescription>) => {
    const next = { ...picture, ...part };
    // Motif and palette are chosen together; whoever takes one away takes the picture away.
    const isTakenAway = part.motif === '' || part.palette === '';
    onChange({
      picture: isTakenAway
        ? undefined
        : {
            ...next,
            motif: next.motif || (options?.motifs[0] ?? ''),
            palette: next.palette || (options?.palettes[0] ?? ''),
          },
    });
  };
  const select = (name: 'motif' | 'palette', label: string, values: readonly string[]) => (
    <Field name={name} label={label} problem={undefined}>
      {(control) => (
        <select
          {...control}
          value={picture[name]}
          onChange={(event) => change({ [name]: event.target.value })}
        >
          <option value="">Any</option>
          {values.map((value) => (
            <option key={value} value={value}>
              {value.replaceAll('-', ' ')}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <fieldset className="field-grid">
      <legend className="visually-hidden">Picture</legend>
      {select('motif', 'Picture', options?.motifs ?? [])}
      {select('palette', 'Colors', options?.palettes ?? [])}
      <div className="field-wide">
        <Field
          name="alt"
          label="Description of the picture"
          hint="For readers who cannot see it; also the caption."
          problem={problems.get('picture')}
        >
          {(control) => (
            <input
              {...control}
              maxLength={300}
              disabled={draft.picture === undefined}
              value={picture.alt}
              onChange={(event) => change({ alt: event.target.value })}
            />
          )}
        </Field>
      </div>
    </fieldset>
  );
}
