import type { Request as ExpressRequest, RequestHandler } from 'express';
import type { Bff } from './bff.ts';
import { sendFetchResponse, toFetchRequest } from './node-request.ts';

/** Answers what belongs to the backend for frontend. Mount it before body parsers: `app.use(serveBff(bff))`. */
export function serveBff(bff: Bff): RequestHandler {
  return (req, res, next) => {
    bff
      .handle(requestOf(req))
      .then((response) => (response === undefined ? next() : sendFetchResponse(res, response)))
      .catch(next);
  };
}

/** The request as `bff.getSession`, `bff.getAccessToken` and `bff.fetch` take it; the same object each time. */
export function requestOf(req: ExpressRequest): Request {
  return toFetchRequest(req, req.originalUrl);
}
