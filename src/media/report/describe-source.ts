import type { FoundPackets } from '../encoding/source/packet-times.ts';
import type { ReadSource } from '../encoding/source/probe.ts';
import { isCover, type Probe, type ReportedStream } from '../encoding/source/probe-report.ts';
import { secondsOf, tableLines } from './table.ts';

/** Returns lines that say what the headers and the packets of a file show. */
export function headerLines({ report, packets, depth }: ReadSource): string[] {
  const { format = {}, streams = [] } = report;
  const stated = Number(format.duration) > 0 ? secondsOf(Number(format.duration)) : 'nothing';
  return [
    `  container: ${format.format_name ?? 'unknown'}; duration by its header, or by an estimate: ${stated}`,
    ...(depth ? [`  A stream begins late, so that ${depth.bytes} bytes are read to find all streams.`] : []),
    '',
    ...tableLines([
      ['track', 'kind', 'codec', 'properties', 'packets', 'from', 'to'],
      ...streams.map((stream) => streamRow(stream, packets.times.get(stream.index))),
    ]),
    ...packets.jumps.map(
      ({ stream, from, to }) =>
        `  The times of track ${stream + 1} jump from ${secondsOf(from)} to ${secondsOf(to)}.`,
    ),
  ];
}

function streamRow(stream: ReportedStream, packets: FoundPackets | undefined): string[] {
  const kind = stream.codec_type === 'video' ? (isCover(stream) ? 'cover' : 'picture') : stream.codec_type;
  return [
    String(stream.index + 1),
    kind === 'audio' ? 'sound' : (kind ?? 'unknown'),
    stream.codec_name ?? 'unknown',
    propertiesOf(stream),
    String(packets?.count ?? 0),
    ...(packets ? [secondsOf(packets.start), secondsOf(packets.end)] : ['', '']),
  ];
}

function propertiesOf(stream: ReportedStream): string {
  if (stream.codec_type === 'video') {
    const colours = [stream.color_primaries, stream.color_transfer, stream.color_space, stream.color_range];
    return [
      `${stream.width ?? 0}×${stream.height ?? 0}`,
      `${stream.avg_frame_rate ?? '?'} pictures/s`,
      stream.pix_fmt ?? '',
      stream.field_order ?? '',
      colours.some((name) => name !== undefined)
        ? colours.map((name) => name ?? '?').join('/')
        : 'no colours',
    ]
      .filter((text) => text !== '')
      .join(', ');
  }
  if (stream.codec_type === 'audio')
    return `${stream.channels ?? 0} channels, ${stream.sample_rate ?? '?'} Hz`;
  return '';
}

/** Returns lines that say what the service makes of the headers and the packets. */
export function factLines({ video, audio, durationSeconds, beginsAt, joined, coverStream }: Probe): string[] {
  const span = ({ span: { start, end } }: NonNullable<Probe['video'] | Probe['audio']>) =>
    `from ${secondsOf(start)} to ${secondsOf(end)}`;
  return [
    `  The media lasts ${secondsOf(durationSeconds)}; its 0 is at ${secondsOf(beginsAt)} of the file.`,
    video
      ? `  picture: track ${video.stream + 1}, ${span(video)}, shown as ${video.width}×${video.height}, ${Number(video.frameRate.toFixed(3))} pictures/s${video.interlaced ? ', interlaced' : ''}`
      : '  picture: none',
    audio ? `  sound: track ${audio.stream + 1}, ${span(audio)}` : '  sound: none',
    ...(coverStream === null ? [] : [`  cover: track ${coverStream + 1}`]),
    ...(joined ? ['  The parts between jumps of the times are joined.'] : []),
  ];
}
