/**
 * Messages that ffmpeg 5.1 to 9 write if their build lacks a component that a command line names, or that a file
 * needs. Each expression finds the name of the component.
 */
const MESSAGES: readonly (readonly [message: RegExp, kind: string])[] = [
  [/Unknown encoder '([^'\s]+)'/, 'encoder'],
  [/No such filter: '([^'\s]+)'/, 'filter'],
  [/Requested output format '([^'\s]+)' is not/, 'container'],
  [/Bitstream filter not found|Unknown bitstream filter '?([\w-]+)/, 'bitstream filter'],
  [/Decoder \(codec ([\w-]+)\) not found|no decoder found for: ([\w-]+)/, 'decoder'],
  // ffmpeg's own decoder of AV1 needs a graphics processor.
  [/Your platform doesn't support hardware accelerated (AV1) decoding/, 'decoder'],
  [/file:[^\n]*: Protocol not found/, 'protocol file'],
];

/**
 * Returns the reason, for the account, if a run of ffmpeg failed because its build lacks a component; otherwise
 * `null`. The file is then not the cause, and the operator can install another build.
 */
export function missingComponentIn(stderr: string): string | null {
  for (const [message, kind] of MESSAGES) {
    const found = message.exec(stderr);
    if (!found) continue;
    const name = found.slice(1).find((text) => text !== undefined);
    const component = name === undefined ? kind : `${kind} ${name}`;
    return `the server's ffmpeg lacks a component that is needed here: ${component}; the file may be in order`;
  }
  return null;
}
