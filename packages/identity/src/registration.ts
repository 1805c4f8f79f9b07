import { isCommonPassword } from './common-passwords.ts';
import { parseEmailAddress } from './email-address.ts';
import { judgePassword, type PasswordPolicy, type PasswordProblem } from './password-policy.ts';

/** What somebody who registers themselves has filled in; empty where they filled in nothing. */
export interface RegistrationFields {
  readonly givenName: string;
  readonly familyName: string;
  /** An e-mail address, which is the login name too. */
  readonly loginName: string;
  readonly password: string;
}

/** What is wrong with a field. */
export type RegistrationProblem =
  | { readonly field: 'givenName' | 'familyName' | 'loginName' | 'password'; readonly kind: 'missing' }
  | { readonly field: 'givenName' | 'familyName'; readonly kind: 'name-not-usable' }
  | { readonly field: 'loginName'; readonly kind: 'email-not-usable' }
  | { readonly field: 'password'; readonly kind: PasswordProblem['kind'] };

/** The verdict on what was filled in. */
export type RegistrationVerdict =
  | {
      readonly kind: 'acceptable';
      readonly givenName: string;
      readonly familyName: string;
      readonly displayName: string;
      readonly loginName: string;
      readonly loginNameCanonical: string;
    }
  | { readonly kind: 'refused'; readonly problems: readonly RegistrationProblem[] };

const longestName = 100;
// Control characters, separators of lines, what is no character at all, and marks that turn the direction of the text after them. Joiners,
// which some languages write names with, are let through.
const deceptive = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

function nameProblem(field: 'givenName' | 'familyName', name: string): RegistrationProblem | undefined {
  if (name === '') return { field, kind: 'missing' };
  return name.length > longestName || deceptive.test(name) ? { field, kind: 'name-not-usable' } : undefined;
}

function loginNameProblem(loginName: string): RegistrationProblem | undefined {
  if (loginName === '') return { field: 'loginName', kind: 'missing' };
  // The domain has a dot inside: `ada@localhost` is a slip.
  const canonical = parseEmailAddress(loginName)?.canonical;
  const isUsable = canonical?.split('@').at(-1)?.includes('.') === true;
  return isUsable ? undefined : { field: 'loginName', kind: 'email-not-usable' };
}

function passwordProblem(
  fields: RegistrationFields,
  rules: { readonly policy: PasswordPolicy; readonly contextWords: readonly string[] },
): RegistrationProblem | undefined {
  if (fields.password === '') return { field: 'password', kind: 'missing' };
  const local = fields.loginName.split('@')[0] ?? '';
  // The longest first: the address as a whole, so that its parts do not leave a few letters of it over.
  const own = [fields.loginName, local, fields.givenName, fields.familyName];
  const words = [...own, ...rules.contextWords].sort((a, b) => b.length - a.length);
  const problem = judgePassword(fields.password, rules.policy, words, isCommonPassword);
  return problem === undefined ? undefined : { field: 'password', kind: problem.kind };
}

/**
 * Judges what somebody who registers themselves has filled in, every field of it. `contextWords` are names around it:
 * the organization, the application. Whether the login name is free is for others to say.
 */
export function judgeRegistration(
  filledIn: RegistrationFields,
  rules: { readonly policy: PasswordPolicy; readonly contextWords: readonly string[] },
): RegistrationVerdict {
  const fields = {
    givenName: filledIn.givenName.trim(),
    familyName: filledIn.familyName.trim(),
    loginName: filledIn.loginName.trim(),
    password: filledIn.password,
  };
  const problems = [
    nameProblem('givenName', fields.givenName),
    nameProblem('familyName', fields.familyName),
    loginNameProblem(fields.loginName),
    passwordProblem(fields, rules),
  ].filter((problem) => problem !== undefined);
  const loginNameCanonical = parseEmailAddress(fields.loginName)?.canonical;
  if (problems.length > 0 || loginNameCanonical === undefined) return { kind: 'refused', problems };
  const { givenName, familyName, loginName } = fields;
  return {
    kind: 'acceptable',
    ...{ givenName, familyName, loginName, loginNameCanonical },
    displayName: `${givenName} ${familyName}`,
  };
}

/** An organization somebody wants to register into. */
export interface RegistrationTarget {
  readonly organizationId: string;
  /** The organization people join when nothing names another. */
  readonly defaultOrganizationId: string;
  /** What the organization itself says. */
  readonly registration: 'allowed' | 'not-allowed';
}

/** Whether people may register themselves into an organization: the default one, or one that allows it itself. */
export function mayRegisterInto(target: RegistrationTarget): boolean {
  return target.organizationId === target.defaultOrganizationId || target.registration === 'allowed';
}
