import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bff } from './bff.ts';
import { sendFetchResponse, toFetchRequest } from './node-request.ts';

/** Answers what belongs to the backend for frontend: `app.addHook('onRequest', serveBff(bff))`. */
export function serveBff(bff: Bff): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const response = await bff.handle(requestOf(request));
    if (response === undefined) return;
    reply.hijack();
    await sendFetchResponse(reply.raw, response);
  };
}

/** The request as `bff.getSession`, `bff.getAccessToken` and `bff.fetch` take it; the same object each time. */
export function requestOf(request: FastifyRequest): Request {
  return toFetchRequest(request.raw, request.originalUrl);
}
