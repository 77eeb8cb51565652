import type { RouteOptions } from 'fastify';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';

/**
 * Every error that a route may answer with, and when: those that follow from what it is (who may call it, whether it
 * takes a body, whether its path names something), and those that its config names.
 */
export function errorsOf(route: RouteOptions): ReadonlyMap<ErrorCode, string> {
  const { config = {} } = route;
  const errors: Partial<Record<ErrorCode, string>> = {
    invalid_request: faultsOf(route),
    ...(config.isProbe ? {} : WHATEVER_IS_ASKED),
    ...accessErrors(route),
    ...((takesBody(route) || config.writes) && {
      cross_site_request: "A browser sent it for another site's page, with Basic credentials.",
    }),
    ...(takesBody(route) ? bodyErrors(route) : {}),
    ...(namesSomething(route) && {
      not_found:
        config.access === 'operator'
          ? 'There is none with this id.'
          : "There is none with this id, or it is another account's.",
    }),
    ...((config.writes ?? takesBody(route)) && {
      storage_full: 'The disk is full. Nothing of the request was taken.',
    }),
    internal: 'A defect; the log has it.',
    ...config.errors,
  };
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return new Map(codes.flatMap((code) => (errors[code] === undefined ? [] : [[code, errors[code]]])));
}

/** Fastify reads a body with every method but these, whether a route has use for it or not. */
function takesBody({ method }: RouteOptions): boolean {
  return ![method].flat().every((one) => one === 'GET' || one === 'HEAD');
}

function namesSomething({ url }: RouteOptions): boolean {
  return url.includes(':');
}

function faultsOf(route: RouteOptions): string {
  const { schema = {}, url } = route;
  const fields = [
    url.includes(':id') && 'the id is no UUID',
    schema.querystring !== undefined && 'a parameter of the query is missing or wrong',
    schema.body !== undefined && 'a field of the body is missing or wrong',
  ].filter((fault) => fault !== false);
  const faults = [...fields, ...bodyFaults(route), 'the request is not well-formed HTTP/1.1'].join('; ');
  const details = fields.length === 0 ? '' : ' `details` names each field that is wrong.';
  return `${faults.charAt(0).toUpperCase()}${faults.slice(1)}.${details}`;
}

/** Forms with files are read by their routes, which name what is wrong with them. */
function bodyFaults(route: RouteOptions): string[] {
  if (!takesBody(route) || typesOf(route).includes('multipart/form-data')) return [];
  const fault = 'is no JSON, nests too deep or has too many values';
  return [
    takesNoBody(route) ? `it has a body, for which there is no use, that ${fault}` : `the body ${fault}`,
  ];
}

function takesNoBody({ schema = {} }: RouteOptions): boolean {
  return schema.body === undefined && schema.form === undefined;
}

function typesOf({ schema = {} }: RouteOptions): readonly string[] {
  return (schema as { consumes?: readonly string[] }).consumes ?? ['application/json'];
}

const WHATEVER_IS_ASKED: Partial<Record<ErrorCode, string>> = {
  rate_limited:
    'Too many requests of the account, or from the address, or too many bad credentials from there.',
  unavailable:
    'The service starts or stops, can not use its database, or can not have the keys of the identity provider whose token came. Nothing of the request was taken.',
};

function accessErrors({ config = {} }: RouteOptions): Partial<Record<ErrorCode, string>> {
  const { access = 'account' } = config;
  if (access === 'public') return {};
  const unauthorized = 'No credentials, or none that are good.';
  if (access === 'upload') return { unauthorized };
  const mayNot = 'The API key may only upload';
  return {
    unauthorized,
    forbidden: access === 'operator' ? `${mayNot}, or its account is no operator's.` : `${mayNot}.`,
  };
}

function bodyErrors(route: RouteOptions): Partial<Record<ErrorCode, string>> {
  const types = typesOf(route);
  return {
    too_large: 'The body is larger than is taken.',
    unsupported_media_type: takesNoBody(route)
      ? 'It has a body, for which there is no use, and that is no JSON.'
      : `The body is of a type that is not taken; ${types.join(' and ')} ${types.length > 1 ? 'are' : 'is'}.`,
    overloaded: route.config?.takesPassword
      ? 'More passwords come in than can be checked, or too many large requests are under way.'
      : 'Too many large requests are under way. Nothing of the request was taken.',
  };
}
