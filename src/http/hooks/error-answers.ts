import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, notFound, ServiceError } from '../../domain/errors.ts';
import { isExhausted, isNoSpace } from '../../platform/system-errors.ts';
import { ERROR_STATUS } from '../error-status.ts';
import { acceptedTypes, type DescribedSchema } from '../misuse/accepted-types.ts';
import { REQUEST_ID_HEADER } from './request-ids.ts';

/**
 * Seconds after which a client should retry a request that was answered 503, unless the error has its own
 * value.
 */
const RETRY_AFTER_S = 5;
/** Maximum characters of the request's path that an error message repeats. */
const MAX_SHOWN_PATH = 200;

/** Maximum characters of a content type that an error message repeats. */
const MAX_SHOWN_TYPE = 100;

/** Maps error codes of Fastify and its plugins to error codes of the API. */
const FRAMEWORK_ERRORS: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported_media_type',
  FST_REQ_FILE_TOO_LARGE: 'too_large',
  FST_FILES_LIMIT: 'invalid_upload',
  FST_FIELDS_LIMIT: 'invalid_upload',
};

/**
 * Maps the HTTP statuses of framework errors to error codes of the API, if the error's own code is not in
 * `FRAMEWORK_ERRORS`. A file that must not be read (403) is answered as if it did not exist.
 */
const FRAMEWORK_STATUSES: Record<number, ErrorCode> = {
  403: 'not_found',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
  416: 'range_not_satisfiable',
};

/** Maps error codes of Node's HTTP parser to the messages of the API's answers. */
const PARSER_ERRORS: Record<string, string> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'the request did not arrive in time',
  HPE_HEADER_OVERFLOW: "the request's headers are too large",
};

/**
 * Answers every error with the JSON body that the API defines for errors.
 * @param onUnauthorized called for each request that is answered 401
 */
export function answerErrors(
  app: FastifyInstance,
  onUnauthorized: (request: FastifyRequest) => void = () => undefined,
): void {
  // Ignores an unknown `Expect` header, which the standard allows:
  // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
  // Node would answer an empty 417.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  // Checks the header Host here. The check in Node is turned off, because Node would answer
  // with an empty body.
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const isMissing = raw.httpVersion === '1.1' && raw.headers.host === undefined;
    done(isMissing ? new ServiceError('invalid_request', 'the header Host is missing') : undefined);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = asServiceError(error, request);
    const status = ERROR_STATUS[answer.code];
    if (status === 401) onUnauthorized(request);
    if (status >= 500) logFailure(request, error, answer);
    // Copies the headers of the error to the answer. If a range is beyond the end of a file, one of these
    // headers contains the file's size.
    const { headers } = error as { headers?: Record<string, string> };
    if (headers) reply.headers(headers);
    // Fastify closes the connection of a body that is too large. A client that is still sending would then get an
    // error of its connection, and not the answer. Node reads the rest and discards it.
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') reply.removeHeader('connection');
    return answerError(reply, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    answerError(
      reply,
      new ServiceError(
        'not_found',
        `${request.method} ${request.url.split('?', 1)[0]} is not an operation of this API`,
      ),
    ),
  );
}

/** Logs a request that is answered 5xx: a defect with its stack, a temporary condition in one line. */
function logFailure(request: FastifyRequest, error: FastifyError, answer: ServiceError): void {
  const { code, message, cause } = answer;
  const about = {
    request: request.id,
    url: request.routeOptions.url,
    account: request.identity?.account.id,
    code,
  };
  if (code === 'internal') request.log.error({ err: error, ...about }, 'request failed');
  else
    request.log.warn(
      { ...about, reason: cause instanceof Error ? `${message} (${cause.message})` : message },
      'request failed',
    );
}

export function answerError(reply: FastifyReply, error: ServiceError): FastifyReply {
  readRestBeforeClosing(reply);
  // Removes headers that a route set for a file before it found that the file does not exist.
  for (const header of ['cache-control', 'content-disposition']) reply.removeHeader(header);
  reply.type('application/json');
  const status = ERROR_STATUS[error.code];
  const retryAfterS = error.retryAfterS ?? (status === 503 ? RETRY_AFTER_S : null);
  if (retryAfterS !== null) reply.header('retry-after', retryAfterS);
  if (status === 401 && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer, Basic realm="api"');
  return reply.code(status).send(errorBody(error));
}

/**
 * Lets Node read the rest of the body before it closes the connection, if the client asked for it to be closed. Node
 * would otherwise close it right after the answer, and a client that is still sending would get an error of its
 * connection, and not the answer (RFC 9112 section 9.6).
 */
function readRestBeforeClosing({ raw: response, request: { raw } }: FastifyReply): void {
  if (raw.complete || response.shouldKeepAlive) return;
  response.shouldKeepAlive = true;
  response.once('finish', () => {
    if (raw.readableEnded) raw.socket.end();
    else raw.once('end', () => raw.socket.end());
  });
}

function errorBody({ code, message, details }: ServiceError) {
  return { status: 'error', message, code, details };
}

function asServiceError(error: FastifyError, request: FastifyRequest): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isNoSpace(error))
    return new ServiceError('storage_full', 'the disk is full; nothing of the request was stored', {
      cause: error,
    });
  if (isExhausted(error))
    return new ServiceError('unavailable', 'the service lacks resources at present; nothing was stored', {
      cause: error,
    });
  const code = FRAMEWORK_ERRORS[error.code] ?? FRAMEWORK_STATUSES[error.statusCode ?? 0];
  // The status 403 or 404 comes only from the file server (@fastify/static), so the missing object is a file.
  if (code === 'not_found') return notFound('file');
  if (code === 'unsupported_media_type')
    return new ServiceError(code, contentTypeRefusal(request), { cause: error });
  if (code) return new ServiceError(code, error.message, { cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ServiceError('invalid_request', error.message, { cause: error });
  }
  return new ServiceError('internal', 'an internal error occurred; the operator can find it in the log', {
    cause: error,
  });
}

/** Returns a sentence that says which content type a request has, and which its operation accepts. */
function contentTypeRefusal({ headers, routeOptions: { schema } }: FastifyRequest): string {
  const given = headers['content-type'];
  const accepted = acceptedTypes(schema as DescribedSchema | undefined);
  const needed =
    accepted === null ? 'this operation needs no body' : `send Content-Type: ${accepted.join(' or ')}`;
  if (given === undefined) return `the header Content-Type is missing; ${needed}`;
  return `the header Content-Type is ${given.slice(0, MAX_SHOWN_TYPE)}, which is not accepted here; ${needed}`;
}

/** Answers a request whose path is malformed. The router rejects this request before any hook runs. */
export function answerBadPath(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const body = pathErrorBody(error, request.raw.url ?? '');
  const headers = { ...jsonHeaders(body), [REQUEST_ID_HEADER]: request.id };
  reply.raw.writeHead(ERROR_STATUS.invalid_request, headers).end(body);
}

function pathErrorBody(error: FastifyError, url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  const details = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? [{ field: 'id', message: 'is too long' }] : [];
  const message = `${path.slice(0, MAX_SHOWN_PATH)} is not a valid path of a URL`;
  return JSON.stringify(errorBody(new ServiceError('invalid_request', message, { details })));
}

/** Answers a request that is not valid HTTP, with the JSON body that the API defines for errors. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const message = PARSER_ERRORS[error.code ?? ''] ?? 'the request is not HTTP/1.1';
  const body = JSON.stringify(errorBody(new ServiceError('invalid_request', message)));
  const all = { ...jsonHeaders(body), [REQUEST_ID_HEADER]: requestId, connection: 'close' };
  const headers = Object.entries(all);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${ERROR_STATUS.invalid_request} Bad Request\r\n${lines}\r\n${body}`);
}

function jsonHeaders(body: string) {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}
