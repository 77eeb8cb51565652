import { inScratchDirectory } from '../../files/scratch-directory.ts';
import { type OutputRoom, type RunRoom, UNCOUNTED } from './output-room.ts';

/**
 * Does the same as `inScratchDirectory`, and counts the files in the scratch directory until they are moved to their
 * place or removed.
 * @param room room for the encoded files of the media. Left out: nothing is counted
 * @param isKept returns whether the files of the run were moved to their place
 */
export async function inCountedScratch<Result extends { readonly ok: boolean }>(
  parent: string,
  room: OutputRoom | undefined,
  work: (scratch: string, run: RunRoom) => Promise<Result>,
  isKept: (result: Result) => boolean = ({ ok }) => ok,
): Promise<Result> {
  const run = (room ?? UNCOUNTED).begin();
  let kept = false;
  try {
    const result = await inScratchDirectory(parent, (scratch) => work(scratch, run));
    kept = isKept(result);
    return result;
  } finally {
    run.end(kept);
  }
}
