import { createRequire } from 'node:module';
import type SerializerSelector from '@fastify/fast-json-stringify-compiler';
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';

/**
 * Loads a compiler of schemas. A compiler is loaded with the first request that needs it, in the middle of the request,
 * so that `import`, which is asynchronous, is not possible.
 */
export const requireCompiler = createRequire(import.meta.url);

const noCompiler = () => {
  throw new Error('a server needs compilers of its own: call setValidatorCompiler and setSerializerCompiler');
};
/**
 * Option of a Fastify server whose compilers are set later. Without this option, Fastify loads compilers of its own at
 * once, which takes longer than everything else that it does.
 */
export const COMPILERS_OF_ROUTES = { buildValidator: noCompiler, buildSerializer: noCompiler };

/** Validator as ajv compiles it: false means that the value is invalid, and `errors` says why. */
interface Validator {
  (value: unknown): unknown;
  errors?: FastifySchemaValidationError[] | null;
}

/**
 * Returns a validator that is compiled when it is first used. Compiling the validators and the serializers of
 * all routes took 0.2 s of each start, and most routes are called rarely.
 */
export function lazyValidator(compile: () => Validator) {
  let validator: Validator | undefined;
  return (value: unknown) => {
    validator ??= compile();
    // Fastify reads errors from the answer here, because it knows this function only, not the compiled one.
    return validator(value) ? true : { error: validator.errors ?? [] };
  };
}

/** Makes the server compile the serializer of each answer when it is first used. */
export function useLazySerializers(app: FastifyInstance): void {
  let compile: SerializerSelector.SerializerCompiler | undefined;
  app.setSerializerCompiler(({ schema, method, url, httpStatus = '' }) => {
    let serialize: SerializerSelector.Serializer | undefined;
    return (value: unknown) => {
      compile ??= (requireCompiler('@fastify/fast-json-stringify-compiler') as typeof SerializerSelector)()();
      serialize ??= compile({ schema, method, url, httpStatus });
      return serialize(value);
    };
  });
}
