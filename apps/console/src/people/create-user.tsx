import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorAt, errorElsewhere, SelectField, TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { peopleMessages } from './messages.ts';

const humanFields = ['givenName', 'familyName', 'email', 'password'] as const;
const machineFields = ['description'] as const;
type FieldName = (typeof humanFields)[number] | (typeof machineFields)[number];

const types = { password: 'password', email: 'email' } as const;

/** Makes a person or a machine. */
export function CreateUser({ onDone }: { readonly onDone: (userId?: string) => void }) {
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const client = useQueryClient();
  const within = useOrganizationFilter();
  const [kind, setKind] = useState<'human' | 'machine'>('human');
  const [loginName, setLoginName] = useState('');
  const [values, setValues] = useState<Partial<Record<FieldName, string>>>({});
  const fields: readonly FieldName[] = kind === 'human' ? humanFields : machineFields;
  const create = useMutation({
    mutationFn: async () => {
      const given = Object.fromEntries(
        fields.flatMap((name) => ((values[name] ?? '') === '' ? [] : [[name, values[name]]])),
      );
      return (await api.call('createUser', { body: { kind, loginName, ...within, ...given } })).data;
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['users'] });
      onDone(id);
    },
  });
  const { error } = create;
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <SelectField
        label={t('kind')}
        value={kind}
        options={[['human', t('human')] as const, ['machine', t('machine')] as const]}
        onChange={setKind}
      />
      <TextField
        label={t('loginName')}
        value={loginName}
        onChange={setLoginName}
        error={errorAt(error, '/loginName')}
        isRequired
      />
      {fields.map((name) => (
        <TextField
          key={name}
          label={t(name)}
          type={name === 'password' || name === 'email' ? types[name] : 'text'}
          value={values[name] ?? ''}
          error={errorAt(error, `/${name}`)}
          onChange={(value) => setValues({ ...values, [name]: value })}
        />
      ))}
      {error !== null && (
        <p className="field-error" role="alert">
          {errorElsewhere(error, ['/loginName', ...fields.map((name) => `/${name}`)])}
        </p>
      )}
      <div className="row">
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          {t('create')}
        </Button>
        <Button variant="quiet" onClick={() => onDone()}>
          {kit('cancel')}
        </Button>
      </div>
    </form>
  );
}
