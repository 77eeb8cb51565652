import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, type TestContext, test } from 'node:test';
import { downloadPath, fetchInto, Missing } from '../support/docs/downloads.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Types of Kubernetes' API, made of its OpenAPI description, and a parser of YAML. */
const PACKAGES = ['kubernetes-types@1.30.0', 'yaml@2.9.1'];
/** Modules of kubernetes-types that describe the objects, by `apiVersion`. */
const MODULES: Record<string, string> = {
  v1: 'kubernetes-types/core/v1',
  'apps/v1': 'kubernetes-types/apps/v1',
};

// biome-ignore lint/suspicious/noExplicitAny: the compiler of TypeScript checks these objects against their types.
type KubernetesObject = any;

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-kubernetes-'));
});

after(() => rm(dir, { recursive: true }));

/** Returns the folder with the packages; `null`, and the test is skipped, if this machine can't have them. */
function packages(t: TestContext): string | null {
  const place = downloadPath(PACKAGES.join('-'));
  try {
    fetchInto(place, [
      (draft) => [
        'npm',
        'install',
        '--prefix',
        draft,
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        ...PACKAGES,
      ],
    ]);
    return place;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    t.skip(error.message);
    return null;
  }
}

async function manifest(place: string): Promise<KubernetesObject[]> {
  const text = await readFile(join(ROOT, 'docs/operating/kubernetes.md'), 'utf8');
  const block = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? assert.fail('the document has no manifest');
  const { parseAllDocuments } = createRequire(join(place, 'index.js'))('yaml');
  const documents = parseAllDocuments(block, { strict: true });
  for (const { errors, warnings } of documents) assert.deepEqual([errors, warnings], [[], []]);
  return documents.map((document: { toJS(): unknown }) => document.toJS());
}

const ofKind = (objects: KubernetesObject[], kind: string) =>
  objects.find((object) => object.kind === kind) ?? assert.fail(`there is no ${kind}`);

test("the manifest has the types of Kubernetes' API, without unknown fields", async (t) => {
  const place = packages(t);
  if (place === null) return;
  const objects = await manifest(place);
  const typed = objects.map(
    (object, n) =>
      `export const object${n}: import('${MODULES[object.apiVersion]}').${object.kind} = ${JSON.stringify(object)};`,
  );
  const file = join(place, 'manifest.ts');
  await writeFile(file, typed.join('\n'));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--types', ''];
  const check = () => spawnSync(tsc, [...options, file], { cwd: place, encoding: 'utf8' });
  const { status, stdout } = check();
  assert.equal(status, 0, stdout);
  // The check would find a misspelt field.
  await writeFile(
    file,
    typed.join('\n').replace('"terminationGracePeriodSeconds"', '"terminationGraceSeconds"'),
  );
  assert.notEqual(check().status, 0);
});

test('the parts of the manifest fit together, and the stop has enough time', async (t) => {
  const place = packages(t);
  if (place === null) return;
  const objects = await manifest(place);
  const { spec } = ofKind(objects, 'Deployment');
  const { metadata, spec: pod } = spec.template;
  const [container] = pod.containers;
  assert.deepEqual(metadata.labels, spec.selector.matchLabels);
  const service = ofKind(objects, 'Service').spec;
  assert.deepEqual(service.selector, metadata.labels);
  assert.equal(service.ports[0].targetPort, container.ports[0].name);
  assert.deepEqual([spec.replicas, spec.strategy.type], [1, 'Recreate']);
  assert.ok(pod.terminationGracePeriodSeconds >= 20);
  const volumes = new Map(pod.volumes.map((volume: { name: string }) => [volume.name, volume]));
  assert.deepEqual(
    container.volumeMounts.map(({ name }: { name: string }) => name).toSorted(),
    [...volumes.keys()].toSorted(),
  );
  const claim = pod.volumes.find((volume: KubernetesObject) => volume.persistentVolumeClaim);
  assert.equal(claim.persistentVolumeClaim.claimName, ofKind(objects, 'PersistentVolumeClaim').metadata.name);
  const secret = pod.volumes.find((volume: KubernetesObject) => volume.secret);
  assert.equal(secret.secret.secretName, ofKind(objects, 'Secret').metadata.name);
});

test('the service starts with the command and the settings of the manifest, and answers the probes', async (t) => {
  const place = packages(t);
  if (place === null) return;
  const objects = await manifest(place);
  const [container] = ofKind(objects, 'Deployment').spec.template.spec.containers;
  const withPlaces = (text: string) =>
    text
      .replaceAll('/opt/mediahooks/', ROOT)
      .replaceAll('/etc/mediahooks', join(dir, 'etc'))
      .replaceAll('/var/lib/mediahooks', join(dir, 'lib'));
  for (const { mountPath } of container.volumeMounts)
    if (mountPath !== '/tmp') await mkdir(withPlaces(mountPath), { mode: 0o700 });
  for (const [name, text] of Object.entries<string>(ofKind(objects, 'Secret').stringData))
    await writeFile(join(dir, 'etc', name), withPlaces(text), { mode: 0o600 });
  // The reader makes a key, so that nobody uses one that is known.
  await writeFile(join(dir, 'etc/encryption-key'), randomBytes(32).toString('base64'));

  const [program = '', ...args]: string[] = [...container.command, ...container.args].map(withPlaces);
  // Other services of this machine may use the port.
  const env = { PATH: process.env.PATH, MEDIAHOOKS_PORT: '0', MEDIAHOOKS_HOST: '127.0.0.1' };
  const child = spawn(program, args, { env });
  t.after(() => child.kill('SIGKILL'));
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url = /listens on (http\S+)/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  child.stdout.resume();
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const { path, port } = container[probe].httpGet;
    assert.equal(port, container.ports[0].name);
    assert.equal((await fetch(new URL(path, url))).status, 200, probe);
  }
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
