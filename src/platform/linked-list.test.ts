import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkedList, ListNode } from './linked-list.ts';

test('whoever came first is first, and anybody may leave and come back', () => {
  const ring = new LinkedList<string>();
  const links = ['a', 'b', 'c', 'd'].map((name) => new ListNode(name));
  const [a, b, , d] = links as [ListNode<string>, ListNode<string>, ListNode<string>, ListNode<string>];
  assert.equal(ring.first, null);
  for (const link of links) ring.add(link);
  ring.delete(b);
  ring.delete(a);
  ring.add(a);
  ring.delete(d);
  assert.deepEqual(inTurn(ring, links), ['c', 'a']);
  assert.equal(ring.first, null);
});

test('one that is in no ring can be deleted, and disturbs nobody', () => {
  const ring = new LinkedList<string>();
  const [one, other] = [new ListNode('one'), new ListNode('other')];
  ring.add(one);
  ring.delete(other);
  assert.equal(ring.first, 'one');
  ring.delete(one);
  ring.delete(one);
  assert.equal(ring.first, null);
});

/** Takes out all, from the first on. */
function inTurn(ring: LinkedList<string>, links: readonly ListNode<string>[]): string[] {
  const names: string[] = [];
  for (let first = ring.first; first !== null; first = ring.first) {
    names.push(first);
    ring.delete(links.find(({ owner }) => owner === first) as ListNode<string>);
  }
  return names;
}
