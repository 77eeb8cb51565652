import { collectWhenIdle } from '../idle-memory.ts';

/** Program that does nothing until it is killed. */

collectWhenIdle();
setInterval(() => undefined, 60_000);
