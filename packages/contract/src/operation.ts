import type { z } from 'zod';
import type { Permission } from './manager-roles.ts';
import type { ProblemCode } from './problems.ts';

/** Kinds of objects an operation is about. */
export type PlaceKind =
  | 'organization'
  | 'project'
  | 'project-grant'
  | 'application'
  | 'user'
  | 'session'
  | 'authorization';

/**
 * What the permission of an operation must reach. The router loads it before the handler runs, within the instance of the
 * request: what does not exist there, or cannot be seen by the caller, is `not-found`.
 * - `instance`: the whole instance.
 * - `object`: an object named in the path by `name`, such as `{projectId}`.
 * - `parent`: a parent named in the body by `name`; when left out, the caller's own organization where `otherwise` says so.
 * - `reachable`: lists; the handler is told what the caller may see (`call.reach`) and filters by it.
 * - `caller`: the caller themselves; every live token will do.
 */
export type Target =
  | { readonly kind: 'instance' }
  | { readonly kind: 'object'; readonly object: PlaceKind; readonly name: string }
  | {
      readonly kind: 'parent';
      readonly object: 'organization' | 'project' | 'user';
      readonly name: string;
      readonly otherwise?: 'own-organization';
    }
  | { readonly kind: 'reachable' }
  | { readonly kind: 'caller' };

/**
 * Whom an operation acts on. The caller must be at least as strong (`mayActOn`).
 * - `user`: the user the target is about: a user themselves, or the user of a session.
 * - `organization-users`: every user of the target organization.
 * - `manager-roles`: nobody, but manager roles are given or taken, which the caller must be able to get themselves.
 * - `application-roles`: nobody; roles in a project are the business of those who manage the project.
 */
export type ActsOn = 'user' | 'organization-users' | 'manager-roles' | 'application-roles';

/**
 * Whether an operation requires a recent sign-in of a person (RFC 9470): always, if the body has one of these fields, or if
 * it has any field besides these. Machine credentials are exempt. How recent is a setting of the instance.
 */
export type Freshness =
  | 'recent'
  | { readonly recentFor: readonly string[] }
  | { readonly recentExceptFor: readonly string[] };

/** An operation of the management API: everything that router, documentation, clients and tests need to know of it. */
export interface Operation {
  /** Chapter of the documentation. */
  readonly tag: string;
  /** One line, beginning with a verb. */
  readonly summary: string;
  readonly description?: string;
  /** What the caller must be allowed at the target. */
  readonly permission: Permission | 'any';
  /** Another permission that lets a caller do it to themselves; `user` targets only. */
  readonly self?: 'allowed';
  /** Whom the operation acts on; the router compares strength before the handler runs. See `ActsOn`. */
  readonly actsOn?: ActsOn;
  readonly target: Target;
  /** Dangerous: a person must have signed in recently. */
  readonly freshness?: Freshness;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A body that works once its ids are exchanged for real ones; shown in the documentation, sent by the permission test. */
  readonly example?: unknown;
  /** What is answered; anything a handler returns beyond it is cut off. */
  readonly response?: z.ZodType;
  readonly status: 200 | 201 | 204;
  /** Problems besides those every operation may answer with. */
  readonly problems: readonly ProblemCode[];
  /** Answers carry an ETag; a PATCH or DELETE may carry If-Match. */
  readonly versioned?: true;
  /** The answer holds a secret that is shown this once. */
  readonly secret?: true;
}

/** Problems every operation may answer with; those with a body or parameters `invalid-input` as well. */
export const commonProblems = [
  'unauthenticated',
  'wrong-audience',
  'forbidden',
  'unavailable',
  'internal',
] as const;

/** Whether this request of an operation requires a recent sign-in. */
export function needsRecentSignIn({ freshness }: Pick<Operation, 'freshness'>, body: unknown): boolean {
  if (freshness === undefined || freshness === 'recent') return freshness === 'recent';
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const sent = fields.filter(([, value]) => value !== undefined).map(([name]) => name);
  return 'recentFor' in freshness
    ? sent.some((name) => freshness.recentFor.includes(name))
    : sent.some((name) => !freshness.recentExceptFor.includes(name));
}

type Infer<T, Otherwise> = T extends z.ZodType ? z.infer<T> : Otherwise;
type Input<T, Otherwise> = T extends z.ZodType ? z.input<T> : Otherwise;
type Part<O, Name extends string> = Name extends keyof O ? O[Name] : undefined;

/** The path parameters of an operation, parsed. */
export type PathOf<O> = Infer<Part<O, 'path'>, Record<never, never>>;
/** The query parameters of an operation, parsed, defaults filled in. */
export type QueryOf<O> = Infer<Part<O, 'query'>, Record<never, never>>;
/** The body of an operation, parsed, defaults filled in. */
export type BodyOf<O> = Infer<Part<O, 'body'>, undefined>;
/** What an operation answers. */
export type ResponseOf<O> = Infer<Part<O, 'response'>, undefined>;
/** The query parameters as a caller gives them. */
export type QueryInputOf<O> = Input<Part<O, 'query'>, Record<never, never>>;
/** The body as a caller gives it. */
export type BodyInputOf<O> = Input<Part<O, 'body'>, undefined>;
