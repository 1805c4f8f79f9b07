import { uniqueConstraintOf } from '@latchkey/store';

/** A part of a request that is another object's already, as a problem tells it. */
export interface UniqueClash {
  readonly detail: string;
  /** The field it came from; absent where no field holds it. */
  readonly pointer?: string;
}

const clashes: Readonly<Record<string, UniqueClash>> = {
  users_instance_id_login_name_canonical_key: {
    pointer: '/loginName',
    detail: 'Another user signs in as this login name already.',
  },
  sign_in_names_login_name: {
    pointer: '/loginName',
    detail: 'Another user signs in as this login name already.',
  },
  sign_in_names_email: {
    pointer: '/email',
    detail: 'Another user signs in as this email address already.',
  },
  sign_in_names_pkey: { detail: 'Another user signs in by one of these names already.' },
  users_pkey: { pointer: '/id', detail: 'The user ID is taken.' },
  spent_ids_pkey: { pointer: '/id', detail: 'The ID is taken.' },
  organizations_one_name: { pointer: '/name', detail: 'Another organization has this name already.' },
  organizations_one_canonical_name: {
    pointer: '/name',
    detail: 'Another organization has this name already.',
  },
  organizations_one_primary_domain: {
    pointer: '/primaryDomain',
    detail: 'Another organization has this domain already.',
  },
  organization_domains_one_owner: {
    pointer: '/primaryDomain',
    detail: 'Another organization has this domain already.',
  },
  organization_domains_pkey: { pointer: '/domain', detail: 'The organization has this domain already.' },
  applications_instance_id_client_id_key: { pointer: '/clientId', detail: 'The client ID is taken.' },
  roles_pkey: { pointer: '/key', detail: 'The project has a role with this key already.' },
  project_grants_one_each: {
    pointer: '/organizationId',
    detail: 'The project is granted to the organization already.',
  },
  authorizations_one_each: {
    pointer: '/projectId',
    detail: 'The user has an authorization for this project already.',
  },
  instance_domains_host_key: { pointer: '/origin', detail: 'Another instance has this domain already.' },
  instance_domains_pkey: { pointer: '/origin', detail: 'The instance has this domain already.' },
};

/** The unique indexes whose clash is told with the field it came from. */
export const clashingConstraints: readonly string[] = Object.keys(clashes);

const anyClash: UniqueClash = { detail: 'Another request created or changed the same object just now.' };

/**
 * What a unique index refused: whichever request comes second hears it, however many ran at once. `undefined` when the
 * error is about something else.
 */
export function uniqueClashOf(error: unknown): UniqueClash | undefined {
  const constraint = uniqueConstraintOf(error);
  return constraint === undefined ? undefined : (clashes[constraint] ?? anyClash);
}
