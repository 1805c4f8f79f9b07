/** A kind of problem the API answers with (RFC 9457): permanent code, status, a title, and what to do about it. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What the caller can do next. */
  readonly next: string;
}

/** Every problem by its permanent code. A code is never renamed, and never used for something else. */
export const problems = {
  'invalid-input': {
    status: 400,
    title: 'The request is not as the operation describes it',
    next: 'Mend the fields listed in `errors`; each names its place by a JSON pointer.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    next: 'Send a JSON object with Content-Type: application/json.',
  },
  'cursor-invalid': {
    status: 400,
    title: 'The cursor does not belong to this list',
    next: 'Use `nextCursor` of the page before with the same filters, sort and caller, or begin without a cursor.',
  },
  'unsafe-setting': {
    status: 400,
    title: 'The settings do not go together',
    next: 'Read `detail`; it names the setting and the value that would be accepted.',
  },
  'password-refused': {
    status: 400,
    title: 'The password does not meet the policy',
    next: 'Choose another password; `detail` says what is missing.',
  },
  unauthenticated: {
    status: 401,
    title: 'The request has no access token that counts',
    next: 'Send Authorization: Bearer with a live access token whose audience is the instance, or a personal access token.',
  },
  'wrong-audience': {
    status: 401,
    title: 'The access token is not meant for the management API',
    next: 'Ask for the scope urn:zitadel:iam:org:project:id:zitadel:aud with an application that has access to the management API.',
  },
  'fresh-sign-in-required': {
    status: 401,
    title: 'This action requires a recent sign-in',
    next: 'Sign in again (authorization request with `max_age` or `prompt=login`) and repeat the request with the new access token.',
  },
  forbidden: {
    status: 403,
    title: 'Your manager roles do not allow this',
    next: 'Ask an owner for a role with the permission named in `permission`.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing, or not for you',
    next: 'Check the id, and that your manager roles reach the object.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The address does not take this method',
    next: 'Use one of the methods in the Allow header.',
  },
  conflict: {
    status: 409,
    title: 'The state of things does not allow it',
    next: 'Read `detail`; it names what stands in the way.',
  },
  'already-exists': {
    status: 409,
    title: 'Something else has this name already',
    next: 'Choose another name, or change the existing one.',
  },
  'has-dependents': {
    status: 409,
    title: 'Others depend on it',
    next: 'Remove what `dependents` lists first.',
  },
  'last-owner': {
    status: 409,
    title: 'It would be left without an owner',
    next: 'Make somebody else an owner first.',
  },
  'idempotency-in-doubt': {
    status: 409,
    title: 'The first request with this Idempotency-Key has no known answer',
    next: 'It may have been carried out. Look whether what you wanted exists before you try with another key.',
  },
  'stale-version': {
    status: 412,
    title: 'It was changed since you read it',
    next: 'Read it again, bring your change into the present version and send its ETag.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    next: 'Send at most 1 MB; split bulk requests.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of another type',
    next: 'Send Content-Type: application/json.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'This Idempotency-Key was used for another request',
    next: 'Use a fresh key for every request that is not a repetition.',
  },
  unavailable: {
    status: 503,
    title: 'The server cannot answer now',
    next: 'Try again in a moment; Retry-After says when.',
  },
  internal: {
    status: 500,
    title: 'Something unexpected happened',
    next: 'Tell the operator the request id in `instance`.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

/** The code of a problem. */
export type ProblemCode = keyof typeof problems;

/** A problem as it travels: `application/problem+json`. */
export interface ProblemBody {
  /** An address that explains the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** What is wrong with this request, in a sentence. */
  readonly detail: string;
  /** What to do next. */
  readonly next: string;
  /** The id of the request, as the log has it. */
  readonly instance: string;
  /** Of `invalid-input`: every field that is wrong. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Of `fresh-sign-in-required`: how many seconds old the sign-in may be. */
  readonly maxAge?: number;
  /** Of `forbidden`: the permission that is missing. */
  readonly permission?: string;
  /** Of `has-dependents`: what stands in the way, with counts. */
  readonly dependents?: readonly {
    readonly kind: string;
    readonly count: number;
    readonly names?: readonly string[];
  }[];
}
