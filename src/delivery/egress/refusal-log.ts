import type { Logger } from '../../logging/logger.ts';

/** Maximum number of hosts that are remembered. The oldest one is forgotten first. */
const MAX_HOSTS = 1_000;

/**
 * Returns a function that logs the hosts that the egress policy refuses, each of them once until a thousand
 * others were refused. The log tells the operator the address, and the setting that allows it.
 */
export function refusalLog(logger: Logger): (host: string, reason: string) => void {
  const logged = new Set<string>();
  return (host, reason) => {
    if (logged.has(host)) return;
    logged.add(host);
    const [oldest] = logged;
    if (oldest !== undefined && logged.size > MAX_HOSTS) logged.delete(oldest);
    logger.info(
      { host, reason, setting: 'MEDIAHOOKS_EGRESS_ALLOW' },
      'a host is not allowed for webhooks; the setting can allow its network',
    );
  };
}
