/** Likely cause of a failed attempt, and what to do. */
export interface Explanation {
  /** The cause in a few words. */
  readonly title: string;
  /** Meaning of the cause, in one or two sentences. */
  readonly cause: string;
  /** Steps, the most promising one first. */
  readonly steps: readonly string[];
}

/** Explanations of answers, by their status. */
export const statusExplanations: Readonly<Record<number, Explanation>> = {
  400: {
    title: 'The receiver found the request wrong',
    cause: 'Most often its verification of the signature failed, and it answered 400 for that.',
    steps: [
      'Compare the secret in its configuration with this webhook’s secret, above all after a rotation.',
      'Verify the bytes of the body as they arrived, before anything parses or changes them.',
      'Check the clock of the receiver: libraries refuse timestamps that are more than five minutes old.',
    ],
  },
  401: {
    title: 'The receiver asks for credentials',
    cause:
      'Something in front of your code wants to know who calls: a gateway, basic authentication, or your own check.',
    steps: [
      'Add the header it expects, such as Authorization, to the headers of this webhook.',
      'Or let requests to this path pass without credentials, and verify the signature instead.',
    ],
  },
  403: {
    title: 'The receiver forbids the request',
    cause:
      'Often a firewall, a protection against bots, or a check for cross-site requests (CSRF) that knows browsers only.',
    steps: [
      'Let POST requests to this path pass the firewall and the protection against bots.',
      'Exempt this path from the CSRF check of your framework; the signature protects it.',
    ],
  },
  404: {
    title: 'There is nothing at this path',
    cause: 'The server answers, but knows no such path for POST requests.',
    steps: [
      'Compare the path of the URL with the route in your code, also a slash at its end.',
      'See whether the version with this route has been deployed, on this host.',
    ],
  },
  405: {
    title: 'The path takes no POST requests',
    cause: 'The server knows the path, but for other methods.',
    steps: ['Register the route for POST.', 'Check that the URL is not that of a page.'],
  },
  408: {
    title: 'The receiver gave up waiting for the request',
    cause: 'A proxy or the server itself was too slow to read the request.',
    steps: ['See how loaded the receiver is.', 'Raise the time limit for reading requests at its proxy.'],
  },
  410: {
    title: 'The receiver says that this URL is gone',
    cause: 'An answer of 410 pauses the webhook, because the receiver asks for no more requests.',
    steps: [
      'Change the URL of the webhook if the receiver has moved.',
      'Resume the webhook if the answer was a mistake. This delivery is sent first then.',
    ],
  },
  413: {
    title: 'The receiver finds the request too large',
    cause: 'Events are small, so a limit at the receiver is set very low.',
    steps: ['Allow bodies of at least 64 KiB at this path.'],
  },
  415: {
    title: 'The receiver wants another content type',
    cause: 'Requests are application/json.',
    steps: ['Let the route accept application/json, without a charset.'],
  },
  419: {
    title: 'The receiver wants a CSRF token',
    cause:
      'Frameworks such as Laravel answer 419 to requests without their token, which only their own forms have.',
    steps: ['Exempt this path from the CSRF check; the signature protects it.'],
  },
  422: {
    title: 'The receiver refused the content',
    cause: 'Its validation does not accept the event as it is.',
    steps: ['Compare the payload with what your code expects. Accept unknown fields and types of events.'],
  },
  429: {
    title: 'The receiver is given too many requests',
    cause: 'It limits the rate of requests, or a gateway in front of it does.',
    steps: [
      'Lower “Requests at once” of this webhook.',
      'Choose a patient or a custom schedule: they wait as long as Retry-After asks. The default schedule does not.',
      'Exempt this path from the limit.',
    ],
  },
  500: {
    title: 'The receiver’s own code failed',
    cause: 'It answered 500: an exception in the handler, or something that the handler needs is down.',
    steps: [
      'Look into its log at the time of the attempt, for the webhook-id below.',
      'Store the event and answer 204 first, and do the work afterwards: then a fault in the work costs no delivery.',
    ],
  },
  502: {
    title: 'The proxy in front of the receiver got no good answer',
    cause: 'The program behind it is down, restarting, or closed the connection.',
    steps: [
      'See whether the program runs, and whether it was being deployed at that time.',
      'Look into the log of the proxy: it names the reason.',
    ],
  },
  503: {
    title: 'The receiver says that it is busy or down',
    cause: 'It is overloaded, in maintenance, or no instance of it is healthy.',
    steps: [
      'See whether enough instances run and pass their health checks.',
      'Lower “Requests at once” if the load comes from webhooks.',
    ],
  },
  504: {
    title: 'The program behind the proxy was too slow',
    cause: 'The proxy in front of the receiver gave up waiting for it.',
    steps: [
      'Answer before you do the work: store the event, answer 204, and work from the store.',
      'See what the program waited for at that time.',
    ],
  },
};

/** Explanations of answers by the class of their status, for those that have none of their own. */
export const classExplanations = {
  redirect: {
    title: 'The receiver answered with a redirect',
    cause: 'Redirects are not followed, because they could lead a signed request elsewhere.',
    steps: [
      'Set the URL of the webhook to the place that the redirect names. Often it is https instead of http, another host (www), or a slash at the end.',
    ],
  },
  refused: {
    title: 'The receiver refused the request',
    cause: 'An answer from 400 to 499 says that the request itself is not accepted.',
    steps: [
      'Read the answer below: it may say why.',
      'Look into the receiver’s log at the time of the attempt.',
    ],
  },
  failed: {
    title: 'The receiver failed',
    cause: 'An answer of 500 or more says that the receiver or a proxy in front of it has trouble.',
    steps: [
      'Read the answer below: it may say why.',
      'Look into the log of the receiver, and of the proxy in front of it, at the time of the attempt.',
    ],
  },
} satisfies Record<string, Explanation>;

/** Explanations of attempts without a whole answer, by what the error says. The first one that matches holds. */
export const errorExplanations: readonly (readonly [error: RegExp, explanation: Explanation])[] = [
  [
    /egress proxy|the proxy/,
    {
      title: 'The proxy of this service did not connect',
      cause:
        'Requests leave the service through a proxy of its operator, which could not or would not connect to the receiver.',
      steps: ['Ask the operator of this service to look into the log of the proxy.'],
    },
  ],
  [
    /host is not allowed/,
    {
      title: 'The host does not resolve to a public address',
      cause: 'The name does not exist, or it leads to a private address, which webhooks must not reach.',
      steps: [
        'Check the host name for typing mistakes, and that its DNS record exists.',
        'Use a name with a public address. For a receiver in the operator’s own network, the operator can allow it (MEDIAHOOKS_EGRESS_ALLOW).',
      ],
    },
  ],
  [
    /port \d+ is not one/,
    {
      title: 'Webhooks may not use this port',
      cause: 'Ports of other protocols are refused.',
      steps: ['Serve the receiver at 443 (https) or 80 (http), or ask the operator to allow the port.'],
    },
  ],
  [
    /http is not allowed/,
    {
      title: 'Only https is allowed here',
      cause: 'The operator of this service has forbidden http.',
      steps: ['Change the URL to https, with a certificate that browsers accept.'],
    },
  ],
  [
    /certificate has expired/,
    {
      title: 'The receiver’s certificate has expired',
      cause: 'Nobody can tell any more whether the server is the right one.',
      steps: [
        'Renew the certificate, and see why its automatic renewal did not work.',
        'Reload the server afterwards: many keep the old one in memory.',
      ],
    },
  ],
  [
    /certificate is for another name|no TLS certificate for this name/,
    {
      title: 'The certificate is for another host',
      cause: 'The server showed a certificate that does not contain the host of the URL.',
      steps: [
        'Use the host that the certificate names, or get one for this host.',
        'If several sites share the address, check which one answers by default.',
      ],
    },
  ],
  [
    /certificate chain is incomplete/,
    {
      title: 'The certificate chain is incomplete',
      cause:
        'The server sends its own certificate without the intermediate one. Browsers often hide this, because they know it already.',
      steps: ['Configure the full chain (often a file named fullchain.pem).'],
    },
  ],
  [
    /self-signed|unknown authority|certificate/,
    {
      title: 'The receiver’s certificate is not accepted',
      cause: 'It is not issued by an authority that is known everywhere.',
      steps: ['Get a certificate of a public authority, for example from Let’s Encrypt.'],
    },
  ],
  [
    /does not speak TLS/,
    {
      title: 'The port speaks plain http, not https',
      cause: 'The URL begins with https, but no TLS is spoken there.',
      steps: ['Use the port that speaks TLS (443 in most cases), or begin the URL with http.'],
    },
  ],
  [
    /TLS/,
    {
      title: 'No secure connection came about',
      cause: 'The two sides could not agree on a TLS connection.',
      steps: [
        'Let the receiver speak TLS 1.2 or 1.3 with common ciphers, without asking for client certificates.',
      ],
    },
  ],
  [
    /connection was refused/,
    {
      title: 'Nothing listens at this address',
      cause: 'The host is up, but no program takes connections at the port, or a firewall refuses them.',
      steps: [
        'See whether the receiver runs, and listens at this port on a public interface.',
        'Check the port in the URL.',
      ],
    },
  ],
  [
    /could not be resolved|does not resolve/,
    {
      title: 'The host name could not be resolved',
      cause: 'The name server of the domain did not answer, or answered with an error.',
      steps: ['Check the DNS records of the host and its name servers.'],
    },
  ],
  [
    /can not be reached/,
    {
      title: 'There is no way to the host',
      cause: 'The network says that the address can’t be reached.',
      steps: [
        'Check that the address in the DNS record is still that of the receiver, IPv6 addresses included.',
      ],
    },
  ],
  [
    /connection timed out/,
    {
      title: 'The host does not answer',
      cause:
        'No connection came about in time. Most often a firewall drops the packets, or the host is down.',
      steps: [
        'Allow connections to this port from this service.',
        'See whether the host is up, and the address in the DNS record is right.',
      ],
    },
  ],
  [
    /within \d+(\.\d+)? s/,
    {
      title: 'The receiver was too slow',
      cause:
        'It has ten seconds for its whole answer, and took longer. It may have done the work all the same: expect a repeat.',
      steps: [
        'Store the event and answer 204 at once; do the work afterwards.',
        'Recognise repeats by the header webhook-id, so that they do nothing twice.',
      ],
    },
  ],
  [
    /closed the connection/,
    {
      title: 'The receiver closed the connection',
      cause:
        'It ended before the answer was complete: the program crashed, was restarted, or a proxy cut it off.',
      steps: [
        'Look for a crash or a deployment at the time of the attempt.',
        'Check the time and size limits of the proxy in front of it.',
      ],
    },
  ],
  [
    /not HTTP|headers are too large|answer/,
    {
      title: 'The answer is not one that can be understood',
      cause: 'What came back is no proper HTTP answer.',
      steps: [
        'Check that an HTTP server listens at this port.',
        'Call the URL with curl -v, and look at the answer.',
      ],
    },
  ],
];

/** Explanation of a failure that nothing else explains. */
export const otherExplanation: Explanation = {
  title: 'The attempt failed',
  cause: 'The error below says what is known.',
  steps: ['Reproduce the request with the commands below, and see what happens.'],
};

/** Explanations of deliveries that have not failed, by what they wait for or how they ended. */
export const waitExplanations = {
  sending: { title: 'The request is in flight', cause: 'The receiver has ten seconds for its whole answer.' },
  paused: { title: 'The webhook is paused', cause: 'This is sent when the webhook is resumed.' },
  circuit: {
    title: 'The receiver does not answer',
    cause: 'One delivery at a time is sent as a probe until it answers again. Waiting uses up no attempts.',
  },
  lane: {
    title: 'An earlier event of the same media comes first',
    cause:
      'Events of one media are sent in order. This one is sent when the one before it has succeeded or has been given up.',
  },
  schedule: {
    title: 'The next attempt is scheduled',
    cause: 'The last attempt failed, and the retry schedule has more.',
  },
  queued: {
    title: 'It is due, and waits for its turn',
    cause: 'As many requests are in flight as may be, to this webhook or in all.',
  },
  succeeded: { title: 'Delivered', cause: 'The receiver acknowledged it with a 2xx answer.' },
  cancelled: { title: 'Cancelled', cause: 'The webhook was deleted before this was delivered.' },
} as const;

export const exhaustedText =
  'All attempts of the schedule are used up. When the receiver is mended, send it again.';
