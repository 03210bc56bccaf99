import { type NextFunction, type Request, type Response } from 'express';
import { v7 as uuidv7 } from 'uuid';

/** A client's own id is kept only in a form that is safe in headers, logs and payload headers. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Gives every request an id, the client's where it sent a usable one, and every answer the same. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
  request.headers['x-request-id'] = id;
  response.setHeader('X-Request-Id', id);
  next();
}

export function requestIdOf(request: Request): string {
  return request.headers['x-request-id'] as string;
}
