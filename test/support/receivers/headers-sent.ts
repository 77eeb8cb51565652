import assert from 'node:assert/strict';
import type { Received } from './receiver.ts';

/**
 * Asserts that the headers that the API shows of a request are those that the receiver got: all names, and all
 * values that are not secret.
 */
export function assertHeadersSent(shown: Readonly<Record<string, string>>, received: Received): void {
  const lower = Object.entries(shown).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const names = lower.map(([name]) => name);
  assert.deepEqual(names.toSorted(), Object.keys(received.headers).toSorted());
  for (const [name, value] of lower) {
    const actual = String(received.headers[name]);
    // A masked value has a mask in place of each secret, and is otherwise the same.
    const pattern = value
      .split('********')
      .map((part) => RegExp.escape(part))
      .join('[^ ]+( [^ ]+)?');
    assert.match(actual, new RegExp(`^${pattern}$`), name);
    assert.equal(actual.split(' v1').length, value.split(' v1').length, name);
  }
}
