import { createContext, use } from 'react';

/** An organization to look at alone. */
export interface ChosenOrganization {
  readonly id: string;
  readonly name: string;
}

/** The chosen organization, if any, and how to choose another. */
export interface OrganizationChoice {
  readonly organization: ChosenOrganization | undefined;
  readonly choose: (organization: ChosenOrganization | undefined) => void;
}

/** Holds the choice for everything below it. */
export const OrganizationContext = createContext<OrganizationChoice>({
  organization: undefined,
  choose: () => {},
});

/** The chosen organization and how to choose another. */
export function useOrganizationChoice(): OrganizationChoice {
  return use(OrganizationContext);
}

/** What lists and new objects are told: the chosen organization, or nothing for all somebody may see. */
export function useOrganizationFilter(): { readonly organizationId?: string } {
  const { organization } = useOrganizationChoice();
  return organization === undefined ? {} : { organizationId: organization.id };
}
