import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorAt, errorElsewhere, TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { peopleMessages } from './messages.ts';
import type { User } from './user.ts';

const humanFields = ['displayName', 'givenName', 'familyName', 'email', 'loginName'] as const;
const machineFields = ['displayName', 'description', 'loginName'] as const;
type FieldName = (typeof humanFields)[number] | (typeof machineFields)[number];

/** The fields of a user people change most. */
export function UserProfile({ user, etag }: { readonly user: User; readonly etag: string | undefined }) {
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const client = useQueryClient();
  const fields: readonly FieldName[] = user.kind === 'human' ? humanFields : machineFields;
  const [values, setValues] = useState<Partial<Record<FieldName, string>>>({});
  const changed = fields.filter((name) => values[name] !== undefined && values[name] !== (user[name] ?? ''));
  const save = useMutation({
    mutationFn: () => {
      const body = Object.fromEntries(
        changed.map((name) => [name, values[name] === '' ? null : values[name]]),
      );
      return api.call('updateUser', {
        path: { userId: user.id },
        body,
        ...(etag === undefined ? {} : { ifMatch: etag }),
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['users'] });
      toast.success(kit('saved'));
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {fields.map((name) => (
        <TextField
          key={name}
          label={t(name)}
          value={values[name] ?? user[name] ?? ''}
          error={errorAt(save.error, `/${name}`)}
          onChange={(value) => setValues({ ...values, [name]: value })}
        />
      ))}
      {save.error !== null && (
        <p className="field-error" role="alert">
          {errorElsewhere(
            save.error,
            fields.map((name) => `/${name}`),
          )}
        </p>
      )}
      <div>
        <Button type="submit" variant="primary" isBusy={save.isPending} disabled={changed.length === 0}>
          {kit('save')}
        </Button>
      </div>
    </form>
  );
}
