import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorAt, TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';

interface OrganizationNameProps {
  readonly organizationId: string;
  readonly name: string;
  readonly etag: string | undefined;
}

/** Renames an organization. */
export function OrganizationName({ organizationId, name, etag }: OrganizationNameProps) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const [typed, setTyped] = useState<string>();
  const path = { organizationId };
  const rename = useAction(
    (wanted: string) =>
      api.call('updateOrganization', {
        path,
        body: { name: wanted },
        ...(etag === undefined ? {} : { ifMatch: etag }),
      }),
    ['organizations'],
    { undo: () => api.call('updateOrganization', { path, body: { name } }) },
  );
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate(typed ?? name, { onSuccess: () => setTyped(undefined) });
      }}
    >
      <TextField
        label={t('name')}
        value={typed ?? name}
        onChange={setTyped}
        error={errorAt(rename.error, '/name')}
        isRequired
      />
      <Button type="submit" isBusy={rename.isPending} disabled={typed === undefined || typed === name}>
        {kit('save')}
      </Button>
    </form>
  );
}
