import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isInternalName, searchDomainsOf } from './internal-names.ts';

test('names of private networks are recognised, whether they exist or not', () => {
  const search = ['corp.example.com'];
  for (const name of [
    'db',
    'db.internal',
    'DB.Internal.',
    'printer.local',
    'nas.home.arpa',
    'api.default.svc',
  ])
    assert.ok(isInternalName(name, search), name);
  for (const name of ['db.corp.example.com', 'corp.example.com'])
    assert.ok(isInternalName(name, search), name);
  for (const name of ['example.com', 'local.example.com', 'notcorp.example.com', 'a.internal.example'])
    assert.ok(!isInternalName(name, search), name);
});

test('the search domains of the machine are read from resolv.conf', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-search-'));
  const file = join(dir, 'resolv.conf');
  await writeFile(
    file,
    'nameserver 127.0.0.1\nsearch Default.Svc.Cluster.Local corp.example.com.\n#search x.example\n',
  );
  assert.deepEqual(await searchDomainsOf(file), ['default.svc.cluster.local', 'corp.example.com']);
  assert.deepEqual(await searchDomainsOf(join(dir, 'none')), []);
  await rm(dir, { recursive: true });
});
