import { closeSync, openSync } from 'node:fs';
import { ownCauseOf } from '../../../src/delivery/attempt/own-cause.ts';
import { DnsResolver } from '../../../src/delivery/egress/dns-resolver.ts';

/**
 * Program that resolves a name in the hosts file, and another one, while this process can open no file. It prints
 * the causes of the failures, and what becomes of them when files can be opened again.
 */

const resolver = new DnsResolver({ timeoutMs: 1_000 });
const unread = new DnsResolver({ timeoutMs: 1_000 });
const outcome = (from: DnsResolver, name: string) =>
  from.resolve(name).then(
    () => 'resolved',
    (error: NodeJS.ErrnoException) => ownCauseOf(error) ?? error.code,
  );

// The first resolver has read the hosts file before.
const before = await outcome(resolver, 'localhost');
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // No descriptor is left.
}
const hosts = await outcome(unread, 'localhost');
const known = await outcome(resolver, 'localhost');
const asked = await outcome(resolver, 'receiver.invalid');
for (const descriptor of taken) closeSync(descriptor);
const after = await outcome(unread, 'localhost');
process.stdout.write(JSON.stringify({ before, hosts, known, asked, after }));
