import { createHash } from 'node:crypto';
import { apiBase, type Operation, type OperationId, operations } from '@latchkey/contract';
import { type Place, takeIdempotencyKey } from '@latchkey/store';
import type { z } from 'zod';
import { preflightHeaders } from '../platform/cross-origin.ts';
import { ApiError } from '../platform/errors.ts';
import type { Answer, RequestContext } from '../platform/http.ts';
import { admit, loadScoped, type PresentedCaller, readCaller } from './admit.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { apiDocuments } from './documents.ts';
import { findOperation } from './find-operation.ts';
import { handlers } from './handlers.ts';
import {
  answerBefore,
  type IdempotentCall,
  idempotentCallOf,
  KeyInUse,
  keepAnswer,
  keepAnswersMs,
} from './idempotency.ts';
import { type AnyHandler, createInvoker } from './invoker.ts';
import { readCursor, writeCursor } from './list-cursor.ts';
import { apiHeaders, problemAnswer, problemOf } from './problem-answer.ts';
import { type ReadRequest, readRequest } from './read-request.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
import { refuseStronger, refuseStrongerIn } from './strength.ts';

type AnyCall = Call<unknown, unknown, unknown>;

/** The version of a representation: a hash of what its reader sees (RFC 9110 §8.8.3). */
export function etagOf(schema: z.ZodType, representation: unknown): string {
  const text = JSON.stringify(schema.parse(representation));
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

function checkVersion(context: RequestContext, schema: z.ZodType, representation: unknown): void {
  const wanted = context.request.headers.get('if-match');
  if (wanted === null || wanted.trim() === '*') return;
  const tags = wanted.split(',').map((tag) => tag.trim());
  if (!tags.includes(etagOf(schema, representation)))
    throw new ApiError('stale-version', 'If-Match names another version than the present one.');
}

interface Running {
  readonly context: RequestContext;
  readonly operation: Operation;
  readonly id: OperationId;
  readonly caller: Caller;
  readonly request: ReadRequest;
  readonly idempotent: IdempotentCall | undefined;
}

function changer(
  { context, caller, operation, idempotent }: Running,
  place: Place | undefined,
): AnyCall['change'] {
  const { deps, instance } = context;
  const nowMs = deps.clock.now();
  const { subject, actorIds: actingUserIds } = caller;
  const actor = { kind: 'user', id: subject.user.id, ip: context.ip, actingUserIds } as const;
  return (work) =>
    deps.store.change({ scope: instance.scope, actor, nowMs }, async (change) => {
      if (idempotent !== undefined) {
        const expiresAtMs = nowMs + keepAnswersMs;
        if ((await takeIdempotencyKey(change, { ...idempotent, expiresAtMs })) === 'in-use')
          throw new KeyInUse('another request took the key');
      }
      return await work(change, await refuseStrongerIn(change, { instance, caller }, operation, place));
    });
}

async function buildCall(running: Running): Promise<AnyCall> {
  const { context, operation, id, caller, request } = running;
  const { deps, instance } = context;
  const { place, reach } = await admit(context, caller, operation, request);
  await refuseStronger({ instance, caller }, operation, place, deps.store.db);
  // After the permission: nobody is asked to sign in again for what they are not allowed anyway.
  await requireRecentSignIn(context, caller, operation, request.body);
  const { path, query, body } = request;
  const binding = { operationId: id, callerId: caller.subject.user.id, query, path };
  const cursor = typeof query === 'object' && query !== null && 'cursor' in query ? query.cursor : undefined;
  return {
    deps,
    instance,
    context,
    caller,
    nowMs: deps.clock.now(),
    path,
    query,
    body,
    get place() {
      if (place === undefined) throw new Error(`the operation ${id} has no object`);
      return place;
    },
    reach,
    change: changer(running, place),
    checkVersion: (schema, representation) => checkVersion(context, schema, representation),
    requireAt: (permission, kind, objectId) =>
      loadScoped(context, caller, { kind, id: objectId, permission }),
    within: (change) => createInvoker({ context, caller, handlerOf }, change),
    cursorAfter: (position) => writeCursor(instance, binding, position),
    position: typeof cursor === 'string' ? readCursor(instance, binding, cursor) : undefined,
  };
}

function toAnswer({ context, operation }: Running, result: unknown): Answer {
  const headers: Record<string, string> = { ...apiHeaders, 'x-request-id': context.requestId };
  if (operation.response === undefined) return { status: operation.status, headers, body: '' };
  const data = operation.response.parse(result);
  headers['content-type'] = 'application/json';
  if (operation.versioned === true) {
    const etag = etagOf(operation.response, data);
    headers.etag = etag;
    if (context.request.method === 'GET' && context.request.headers.get('if-none-match') === etag)
      return { status: 304, headers, body: '' };
  }
  return { status: operation.status, headers, body: JSON.stringify(data) };
}

/** Who carries an operation out. */
export function handlerOf(id: OperationId): AnyHandler {
  const handler = handlers[id as keyof typeof handlers] as AnyHandler | undefined; // cast: the table gives each operation the handler of its own types; calls are parsed by its schemas
  if (handler === undefined) throw new Error(`nobody carries out ${id}`);
  return handler;
}

async function carryOut(running: Running): Promise<Answer> {
  const { context, id, idempotent } = running;
  const handler = handlerOf(id);
  const call = await buildCall(running);
  if (idempotent === undefined) return toAnswer(running, await handler(call));
  const before = await answerBefore(context, idempotent);
  if (before !== undefined) return { ...before, headers: { ...apiHeaders, ...before.headers } };
  try {
    const answer = toAnswer(running, await handler(call));
    await keepAnswer(context, idempotent, answer);
    return answer;
  } catch (error) {
    const repeated = error instanceof KeyInUse ? await answerBefore(context, idempotent) : undefined;
    if (repeated === undefined) throw error;
    return { ...repeated, headers: { ...apiHeaders, ...repeated.headers } };
  }
}

/** Reads who presents an access token; the floor above knows how. */
export type ReadPresentedCaller = (context: RequestContext) => Promise<PresentedCaller>;

async function answerOperation(
  context: RequestContext,
  id: OperationId,
  parameters: Readonly<Record<string, string>>,
  readPresented: ReadPresentedCaller,
): Promise<Answer> {
  const operation: Operation | undefined = operations[id as keyof typeof operations]; // cast: ids without a description are nothing yet
  if (operation === undefined)
    return problemAnswer(context, { code: 'not-found', detail: 'There is nothing at this address.' });
  // Who calls comes first: a stranger learns nothing about what is wrong with a request.
  const caller = await readCaller(context, await readPresented(context));
  const request = await readRequest(context, operation, parameters);
  const idempotent = idempotentCallOf(context, caller.subject.user.id, request.bodyText);
  return await carryOut({ context, operation, id, caller, request, idempotent });
}

/** Answers a request below `/api/v1`. Never rejects. */
export async function answerManagement(
  context: RequestContext,
  readPresented: ReadPresentedCaller,
): Promise<Answer> {
  const { method } = context.request;
  if (method === 'OPTIONS') {
    const asked = context.request.headers.get('access-control-request-headers');
    const allowed = preflightHeaders('GET, POST, PUT, PATCH, DELETE', asked);
    return { status: 204, headers: { ...apiHeaders, ...allowed }, body: '' };
  }
  const path = context.path.slice(apiBase.length);
  const document = method === 'GET' ? apiDocuments[path] : undefined;
  if (document !== undefined) return document(context);
  const found = findOperation(method === 'HEAD' ? 'GET' : method, path);
  switch (found.kind) {
    case 'malformed':
      return problemAnswer(context, {
        code: 'invalid-input',
        detail: 'The path is not valid percent-encoded UTF-8.',
      });
    case 'nothing':
      return problemAnswer(context, {
        code: 'not-found',
        detail: `There is nothing at ${context.path}; ${apiBase}/docs lists every operation.`,
      });
    case 'other-method':
      return problemAnswer(context, {
        code: 'method-not-allowed',
        detail: `Use ${found.allow.join(' or ')} here.`,
        headers: { allow: found.allow.join(', ') },
      });
    case 'found':
      try {
        return await answerOperation(context, found.id, found.parameters, readPresented);
      } catch (error) {
        return problemOf(context, error);
      }
  }
}
