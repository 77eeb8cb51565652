import SerializerSelector from '@fastify/fast-json-stringify-compiler';
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';

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
  const compile = SerializerSelector()();
  app.setSerializerCompiler(({ schema, method, url, httpStatus = '' }) => {
    let serialize: SerializerSelector.Serializer | undefined;
    return (value: unknown) => {
      serialize ??= compile({ schema, method, url, httpStatus });
      return serialize(value);
    };
  });
}
