import { credentialsOf, examplesIn, type Operation, type Parameter } from '../description.ts';

/**
 * Returns a curl command that calls an operation with the example of its body. The reader's shell must define
 * the variables `URL` and `KEY`, and `FILE` for forms with a file.
 */
export function curlOf(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody } = operation;
  const words = [
    `curl -sS${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$URL${filled(path, parameters)}"`,
  ];
  if (credentialsOf(operation) === 'needed') words.push('-u "$KEY"');
  for (const { name, in: where, required, example } of parameters) {
    if (where === 'header' && required) words.push(`-H '${name}: ${example}'`);
  }
  const [type = '', content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const [example] = content ? examplesIn(content) : [];
  if (example === undefined) return words.join(' ');
  if (type === 'multipart/form-data') return [...words, ...formOf(example as object)].join(' ');
  return [
    ...words,
    `\\\n  -H 'Content-Type: ${type}'`,
    `\\\n  -d ${quoted(JSON.stringify(example, null, 2))}`,
  ].join(' ');
}

function filled(path: string, parameters: readonly Parameter[]): string {
  const query = parameters
    .filter(({ in: where, required }) => where === 'query' && required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  const place = path.replace(/\{(\w+)\}/g, (all, name: string) =>
    String(
      parameters.find((parameter) => parameter.in === 'path' && parameter.name === name)?.example ?? all,
    ),
  );
  return query.length === 0 ? place : `${place}?${query.join('&')}`;
}

/**
 * Returns the arguments of curl for a form with the file `FILE`, which the reader chooses. The other fields
 * of the example are left out, because they fit only the file of the example.
 */
function formOf(example: object): string[] {
  return 'file' in example ? ['-F file=@"$FILE"'] : [];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
