/**
 * Modules of the metrics client that are imported one by one. Its index also loads a client of the Pushgateway, metrics of
 * clusters and tracing, which this service does not use, and which take 20 ms of each start.
 */
declare module '@prometheus-io/client/lib/registry.js' {
  export { Registry as default } from '@prometheus-io/client';
}
declare module '@prometheus-io/client/lib/counter.js' {
  export { Counter as default } from '@prometheus-io/client';
}
declare module '@prometheus-io/client/lib/gauge.js' {
  export { Gauge as default } from '@prometheus-io/client';
}
