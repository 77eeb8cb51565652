import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORDINARY_PORTS, parsePorts, REFUSED_PORTS } from './ports.ts';

test('without a list, all ports are allowed except those of other protocols', () => {
  for (const port of [80, 443, 3000, 8000, 8080, 8443, 9000, 49_152, 65_535])
    assert.ok(ORDINARY_PORTS(port), String(port));
  for (const port of [0, 22, 25, 445, 2375, 3306, 5432, 6379, 6667, 9200, 10_250, 11_211, 27_017]) {
    assert.ok(!ORDINARY_PORTS(port), String(port));
  }
  assert.equal(parsePorts(''), ORDINARY_PORTS);
  assert.equal(new Set(REFUSED_PORTS).size, REFUSED_PORTS.length);
});

test('a list allows exactly its own ports, and may name any port', () => {
  const may = parsePorts(' 443, 8000-8002,22');
  const allowed = [22, 443, 8000, 8001, 8002];
  const asked = [0, 21, ...allowed, 80, 444, 7999, 8003, 65_535];
  assert.deepEqual(
    asked.filter((port) => may(port)),
    allowed,
  );
});

test('a malformed list of ports is refused with an explanation', () => {
  for (const text of ['http', '0', '65536', '90-80', '80-', '-80', '80,,443', '8e1', '80-90-100', '0x50']) {
    assert.throws(() => parsePorts(text), /expected ports and ranges/, text);
  }
});
