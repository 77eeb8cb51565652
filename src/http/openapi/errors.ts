import type { RouteOptions } from 'fastify';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';

/**
 * Returns all errors that a route can answer, and for each error the condition in which it occurs. Most
 * errors follow from three things: which callers the route accepts, whether it reads a body, and whether its
 * path contains an id. The route's `config.errors` adds other errors.
 */
export function errorsOf(route: RouteOptions): ReadonlyMap<ErrorCode, string> {
  const { config = {} } = route;
  const errors: Partial<Record<ErrorCode, string>> = {
    invalid_request: invalidRequests(route),
    ...(config.isProbe ? {} : ERRORS_OF_ALL),
    ...accessErrors(route),
    ...((takesBody(route) || config.writes) && {
      cross_site_request: 'A browser sent the request with Basic credentials for a page of another site.',
    }),
    ...(takesBody(route) ? bodyErrors(route) : {}),
    ...(hasId(route) && {
      not_found:
        config.access === 'operator'
          ? 'No object has this id.'
          : 'No object has this id, or the object belongs to another account.',
    }),
    ...(addsRecords(route) && {
      limit_reached: 'The account already takes as much of the database as it may.',
    }),
    ...((config.writes ?? takesBody(route)) && {
      storage_full: 'The disk is full. Nothing of the request was stored.',
    }),
    internal: 'An internal error; the operator can find it in the log.',
    ...config.errors,
  };
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return new Map(codes.flatMap((code) => (errors[code] === undefined ? [] : [[code, errors[code]]])));
}

/**
 * Returns whether Fastify reads the body of a route's requests. Fastify reads it for all methods except GET
 * and HEAD, even if the route does not use the body.
 */
function takesBody({ method }: RouteOptions): boolean {
  return ![method].flat().every((one) => one === 'GET' || one === 'HEAD');
}

/** Returns whether a change by this route is refused when the records of the account take too much. */
function addsRecords({ method, config = {} }: RouteOptions): boolean {
  const { access = 'account' } = config;
  if (access === 'public' || access === 'operator') return false;
  return config.writes ?? [method].flat().some((one) => one === 'POST' || one === 'PUT' || one === 'PATCH');
}

function hasId({ url }: RouteOptions): boolean {
  return url.includes(':');
}

/** Returns whether a route refuses unknown parameters of the query. */
function isOperation(url: string): boolean {
  return url.startsWith('/api/');
}

function invalidRequests(route: RouteOptions): string {
  const { schema = {}, url } = route;
  const fields = [
    url.includes(':id') && 'the id is not a UUID',
    isOperation(url) &&
      (schema.querystring === undefined
        ? 'the query has a parameter'
        : 'a query parameter is missing, invalid or not known'),
    schema.body !== undefined && 'a field of the body is missing or invalid',
  ].filter((reason) => reason !== false);
  const reasons = [...fields, ...invalidBodies(route), 'the request is not well-formed HTTP/1.1'].join('; ');
  const details = fields.length === 0 ? '' : ' `details` lists each invalid field.';
  return `${reasons.charAt(0).toUpperCase()}${reasons.slice(1)}.${details}`;
}

/**
 * Returns the reasons for which the body of a request can be invalid. Routes that read forms with files name
 * these reasons in their config.
 */
function invalidBodies(route: RouteOptions): string[] {
  if (!takesBody(route) || typesOf(route).includes('multipart/form-data')) return [];
  const reason = 'is not JSON, is nested too deeply or has too many values';
  return [
    takesNoBody(route)
      ? `the request has a body, which this operation does not need, and it ${reason}`
      : `the body ${reason}`,
  ];
}

function takesNoBody({ schema = {} }: RouteOptions): boolean {
  return schema.body === undefined && schema.form === undefined;
}

function typesOf({ schema = {} }: RouteOptions): readonly string[] {
  return (schema as { consumes?: readonly string[] }).consumes ?? ['application/json'];
}

const ERRORS_OF_ALL: Partial<Record<ErrorCode, string>> = {
  overloaded: 'Too many large requests are in progress. Nothing of the request was stored; retry.',
  rate_limited:
    'The account or the address made too many requests, or the address sent too many invalid credentials.',
  unavailable:
    'The service is starting or stopping, cannot use its database, or cannot get the keys of the identity provider that issued the token. Nothing of the request was stored.',
};

function accessErrors({ config = {} }: RouteOptions): Partial<Record<ErrorCode, string>> {
  const { access = 'account' } = config;
  if (access === 'public') return {};
  const unauthorized = 'The request has no credentials, or invalid ones.';
  if (access === 'upload') return { unauthorized };
  const isUploadKey = 'The API key can only be used for uploads';
  return {
    unauthorized,
    forbidden:
      access === 'operator' ? `${isUploadKey}, or the account is not an operator.` : `${isUploadKey}.`,
  };
}

function bodyErrors(route: RouteOptions): Partial<Record<ErrorCode, string>> {
  const types = typesOf(route);
  return {
    too_large: 'The body is too large.',
    unsupported_media_type: takesNoBody(route)
      ? 'The request has a body that is not JSON; this operation does not need a body.'
      : `The header Content-Type is missing, or is not accepted; use ${types.join(' or ')}.`,
    overloaded: route.config?.takesPassword
      ? 'Too many passwords are waiting to be checked, or too many large requests are in progress.'
      : 'Too many large requests are in progress. Nothing of the request was stored.',
  };
}
