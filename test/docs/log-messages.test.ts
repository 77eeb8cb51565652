import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

/** Returns the messages in the code that the default level logs: `logger.warn({ …fields… }, 'message')`. */
async function messagesLogged(): Promise<string[]> {
  const messages: string[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    const code = await readFile(root + file, 'utf8');
    const calls = code.matchAll(/\.(?:info|warn|error|fatal)\(\s*\{[^}]*\},\s*(?:'([^']+)'|"([^"]+)")/g);
    for (const [, single, double] of calls) messages.push(single ?? double ?? '');
  }
  return messages;
}

test('docs/operating/logs.md lists what is logged, and no other message', async () => {
  const text = await readFile(`${root}docs/operating/logs.md`, 'utf8');
  const listed = Array.from(text.matchAll(/^\| `(.+?)` \| .+ \|$/gm), (match) => match[1]);
  const logged = new Set(await messagesLogged());
  assert.deepEqual(listed.toSorted(), [...logged].toSorted());
});

test('each message that docs/what-happens-if.md quotes is logged', async () => {
  const text = await readFile(`${root}docs/what-happens-if.md`, 'utf8');
  const logged = await messagesLogged();
  // Four words or more in backticks: commands have fewer.
  const quoted = Array.from(text.matchAll(/`([a-z][a-z';]*(?: [a-z';]+){3,})`/g), ([, quote = '']) => quote);
  assert.ok(quoted.length > 3);
  for (const quote of quoted) {
    assert.ok(
      logged.some((message) => message.startsWith(quote)),
      quote,
    );
  }
});
