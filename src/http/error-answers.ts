import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { ApiError, ERRORS, type ErrorCode, isNoSpace } from '../errors.ts';

/** Seconds after which a client should try again, told with every 503. */
const RETRY_AFTER_S = 5;

/** What is answered to errors of the frameworks below us, by their codes. */
const FRAMEWORK_ERRORS: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported_media_type',
  FST_REQ_FILE_TOO_LARGE: 'too_large',
};

/** Answers every error in the contract's form. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = asApiError(error);
    if (answer.status >= 500)
      request.log.error({ err: error, url: request.routeOptions.url }, 'request failed');
    return send(reply, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, new ApiError('not_found', `there is no ${request.method} ${request.url.split('?', 1)[0]}`)),
  );
}

function send(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.status === 503) reply.header('retry-after', RETRY_AFTER_S);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer, Basic realm="api"');
  return reply.code(error.status).send(errorBody(error));
}

function errorBody({ code, message, details }: ApiError) {
  return { status: 'error', message, code, details };
}

function asApiError(error: FastifyError): ApiError {
  if (error instanceof ApiError) return error;
  if (isNoSpace(error))
    return new ApiError('storage_full', 'the disk is full; nothing was taken', { cause: error });
  const code = FRAMEWORK_ERRORS[error.code];
  if (code) return new ApiError(code, error.message, { cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError('invalid_request', error.message, { cause: error });
  }
  return new ApiError('internal', 'an internal error; the operator can find it in the log', { cause: error });
}

/** Answers what is not even HTTP, in the same form. */
export function answerClientError(_error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBody(new ApiError('invalid_request', 'the request is not HTTP/1.1')));
  socket.end(
    `HTTP/1.1 ${ERRORS.invalid_request.status} Bad Request\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
