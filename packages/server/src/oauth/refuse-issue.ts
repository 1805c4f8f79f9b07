import type { IssueRefusal, OAuthErrorCode } from '@latchkey/protocol';

/** What a refusal of `mayIssue` is on the wire: many reasons, few codes, a sentence that says what to change. */
export function describeIssueRefusal(refusal: IssueRefusal): {
  readonly code: OAuthErrorCode;
  readonly description: string;
} {
  switch (refusal.kind) {
    case 'user-not-active':
      return { code: 'invalid_grant', description: 'the user is not active' };
    case 'organization-not-active':
      return { code: 'invalid_grant', description: 'the organization of the user is not active' };
    case 'client-not-active':
      return {
        code: 'invalid_client',
        description: 'the application, its project or its organization is not active',
      };
    case 'grant-type-not-allowed':
      return {
        code: 'unauthorized_client',
        description: 'the application may not use this grant type; allow it in its settings',
      };
    case 'wrong-organization':
      return {
        code: 'access_denied',
        description: 'the user does not belong to the organization the scope asks for',
      };
    case 'not-authorized-for-project':
      return {
        code: 'access_denied',
        description: 'the user has no authorization for the project of this application',
      };
  }
}
