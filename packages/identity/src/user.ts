/** A person or a machine as the rules of this package see it. Times are epoch milliseconds. */
export interface User {
  readonly id: string;
  readonly kind: 'human' | 'machine';
  readonly state: 'active' | 'inactive' | 'locked' | 'removed';
  readonly loginName: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly middleName: string | null;
  readonly nickname: string | null;
  readonly profileUrl: string | null;
  readonly pictureUrl: string | null;
  readonly website: string | null;
  readonly birthdate: string | null;
  readonly zoneinfo: string | null;
  /** Members of the address claim (OpenID Connect Core §5.1.1). */
  readonly address: Readonly<Record<string, string>> | null;
  readonly gender: 'female' | 'male' | 'diverse' | null;
  readonly preferredLanguage: string | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly phone: string | null;
  readonly isPhoneVerified: boolean;
  readonly updatedAtMs: number;
}

/** The organization a user belongs to. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly primaryDomain: string;
  readonly state: 'active' | 'inactive' | 'removed';
}

/** A user's roles in a project, granted by an organization. Only authorizations that count now are passed around. */
export interface Authorization {
  readonly projectId: string;
  readonly organizationId: string;
  readonly organizationDomain: string;
  readonly roleKeys: readonly string[];
}

/** A user with what decides their tokens' claims. */
export interface Subject {
  readonly user: User;
  readonly organization: Organization;
  readonly authorizations: readonly Authorization[];
  /** Metadata values as base64url without padding, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}
