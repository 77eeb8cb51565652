import { collectWhenIdle } from '../idle-memory.ts';

/** A program that does nothing until it is killed. */

collectWhenIdle();
setInterval(() => undefined, 60_000);
