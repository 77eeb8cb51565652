import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkedList, ListNode } from './linked-list.ts';

test('nodes are in the order in which they were added, and can be deleted and added again', () => {
  const list = new LinkedList<string>();
  const nodes = ['a', 'b', 'c', 'd'].map((name) => new ListNode(name));
  const [a, b, , d] = nodes as [ListNode<string>, ListNode<string>, ListNode<string>, ListNode<string>];
  assert.equal(list.first, null);
  for (const node of nodes) list.add(node);
  list.delete(b);
  list.delete(a);
  list.add(a);
  list.delete(d);
  assert.deepEqual(inTurn(list, nodes), ['c', 'a']);
  assert.equal(list.first, null);
});

test('deleting a node that is in no list changes nothing', () => {
  const list = new LinkedList<string>();
  const [one, other] = [new ListNode('one'), new ListNode('other')];
  list.add(one);
  list.delete(other);
  assert.equal(list.first, 'one');
  list.delete(one);
  list.delete(one);
  assert.equal(list.first, null);
});

/** Deletes all nodes, the first one first. */
function inTurn(list: LinkedList<string>, nodes: readonly ListNode<string>[]): string[] {
  const names: string[] = [];
  for (let first = list.first; first !== null; first = list.first) {
    names.push(first);
    list.delete(nodes.find(({ owner }) => owner === first) as ListNode<string>);
  }
  return names;
}
