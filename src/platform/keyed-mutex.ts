/** What was begun last for each media directory, and has not ended. */
const underWay = new Map<string, Promise<unknown>>();

/** Does `work` after what was given for the same media directory before it. One process writes to a directory. */
export function runExclusive<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const result = (underWay.get(dir) ?? Promise.resolve()).then(work);
  const ended = result
    .catch(() => undefined)
    .then(() => {
      if (underWay.get(dir) === ended) underWay.delete(dir);
    });
  underWay.set(dir, ended);
  return result;
}
