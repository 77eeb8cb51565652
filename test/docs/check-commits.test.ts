import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const script = new URL('../../script/check-commits', import.meta.url).pathname;
const BODY = 'Without it, retries came early.';

/** Makes an empty git repository with one commit that breaks every rule, and returns functions to fill and to check it. */
async function newRepository(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-commits-'));
  t.after(() => rm(dir, { recursive: true }));
  const run = (command: string, args: readonly string[], input = '') => {
    const env = { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1' };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, input, encoding: 'utf8', env });
    return { status, stdout: stdout.trim(), lines: stderr.trim().split('\n') };
  };
  const git = (...args: string[]) => {
    const { status, stdout, lines } = run('git', args);
    assert.equal(status, 0, lines.join('\n'));
    return stdout;
  };
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.com');
  const commit = (subject: string, body = BODY) => {
    git(
      'commit',
      '--quiet',
      '--allow-empty',
      '--cleanup',
      'whitespace',
      '-m',
      subject,
      ...(body ? ['-m', body] : []),
    );
    return git('rev-parse', 'HEAD');
  };
  const first = commit('Everything that was before', '');
  return { dir, git, commit, first, check: (from = first) => run(script, [from]) };
}

test('subjects of the form `area: imperative` with a body pass; merges are not checked', async (t) => {
  const { git, commit, check } = await newRepository(t);
  git('branch', 'other');
  commit('delivery: split the states of the claimer');
  commit('http/routes, docs: embed the description');
  commit('docs: bring the glossary up to date', 'It says why. The second sentence\nhas two lines');
  commit(`tests: ${'ü'.repeat(65)}`);
  git('merge', '--quiet', '--no-ff', '-m', "Merge branch 'other'", 'other');
  const { status, lines } = check();
  assert.deepEqual([status, lines], [0, ['check-commits: 4 commits checked, 0 with faults']]);
});

const FAULTS: readonly [subject: string, body: string, fault: RegExp][] = [
  [`tests: ${'a'.repeat(66)}`, BODY, /^ {2}the subject has 73 characters, expected at most 72$/],
  ['Split the states of the claimer', BODY, /^ {2}the subject is not "area: imperative"$/],
  ['Delivery: split the states', BODY, /^ {2}the subject is not "area: imperative"$/],
  ['delivery: splitted the states', BODY, /^ {2}"splitted" is not an imperative$/],
  ['delivery: Wrote the states down', BODY, /^ {2}"wrote" is not an imperative$/],
  ['delivery: splitting of states', BODY, /^ {2}"splitting" is not an imperative$/],
  ['delivery: split the states', '', /^ {2}the body has no sentence that says why$/],
  ['delivery: split the states', 'no sentence here', /^ {2}the body has no sentence that says why$/],
];

for (const [subject, body, fault] of FAULTS) {
  test(`a commit is refused: ${subject.slice(0, 40)} / ${body || 'no body'}`, async (t) => {
    const { commit, check } = await newRepository(t);
    commit('delivery: split the states of the claimer');
    commit(subject, body);
    const { status, lines } = check();
    assert.equal(status, 1);
    assert.match(lines[0] ?? '', new RegExp(`^[0-9a-f]+ ${subject}$`));
    assert.match(lines[1] ?? '', fault);
    assert.deepEqual(lines.slice(2), ['check-commits: 2 commits checked, 1 with faults']);
  });
}

test('if a whole history lacks the first commit, the newest commit alone is checked', async (t) => {
  const { commit, check } = await newRepository(t);
  commit('delivery: split the states of the claimer');
  const { status, lines } = check('f'.repeat(40));
  assert.match(lines[0] ?? '', /commit f{40} is not in this history; checking the newest commit alone/);
  assert.deepEqual([status, lines.at(-1)], [0, 'check-commits: 1 commits checked, 0 with faults']);
  commit('Wrong', '');
  assert.equal(check('f'.repeat(40)).status, 1);
});

test('if a shallow history lacks the first commit, every commit in it is checked', async (t) => {
  const { dir, commit } = await newRepository(t);
  commit('delivery: splitted the states');
  commit('delivery: split the states of the claimer');
  const clone = await mkdtemp(join(tmpdir(), 'mediahooks-shallow-'));
  t.after(() => rm(clone, { recursive: true }));
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: clone, encoding: 'utf8' });
  assert.equal(run('git', 'clone', '--quiet', '--depth', '2', `file://${dir}`, '.').status, 0);
  const { status, stderr } = run(script, 'f'.repeat(40));
  assert.equal(status, 1);
  assert.match(stderr, /is not in this shallow history; checking every commit that is/);
  assert.match(stderr, /2 commits checked, 1 with faults/);
});

test('outside of a git repository, it says so and passes', async (t) => {
  const { dir, check } = await newRepository(t);
  await rm(join(dir, '.git'), { recursive: true });
  const { status, lines } = check();
  assert.equal(status, 0);
  assert.match(lines[0] ?? '', /this is no git repository/);
});
