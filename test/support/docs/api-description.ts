import type { Description, Operation } from '../../../src/http/openapi/description.ts';

export interface DescribedOperation {
  /** Name of an operation, such as `post /api/webhooks/{id}/pause`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Fetches the API description of a running service. */
export async function fetchDescription(serviceUrl: string): Promise<Description> {
  const answer = await fetch(`${serviceUrl}/api/openapi.json`);
  return (await answer.json()) as Description;
}

export function operationsIn({ paths }: Pick<Description, 'paths'>): DescribedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method} ${path}`,
      method,
      path,
      operation,
    })),
  );
}
