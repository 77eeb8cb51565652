import { run } from '../programs.ts';

/** Facts that ffprobe finds about one stream of an output. */
export interface InspectedStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly pix_fmt?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  /** When each picture or piece of sound is shown, in seconds and in this order. */
  readonly times: readonly number[];
  /** When the last one ends. */
  readonly end: number;
}

const STREAM_ENTRIES =
  'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,color_transfer,color_primaries,channels,sample_rate';
const PACKET_ENTRIES = 'packet=stream_index,pts_time,duration_time,flags';

interface Report {
  readonly streams: readonly (Omit<InspectedStream, 'times' | 'end'> & { readonly index: number })[];
  readonly packets: readonly {
    readonly stream_index: number;
    readonly pts_time: string;
    readonly duration_time?: string;
    readonly flags: string;
  }[];
}

/** Returns the streams of a file with the times of their packets. */
export async function inspect(file: string, dir: string): Promise<InspectedStream[]> {
  const entries = ['-of', 'json', '-show_entries', `${PACKET_ENTRIES}:${STREAM_ENTRIES}`];
  const { streams, packets } = JSON.parse(await run('ffprobe', [...entries, file], dir)) as Report;
  return streams.map(({ index, ...stream }) => {
    // A packet with the flag D is not shown: the file's edit list leaves it out.
    const own = packets.filter(({ stream_index, flags }) => stream_index === index && !flags.includes('D'));
    const ends = own.map((packet) => Number(packet.pts_time) + Number(packet.duration_time ?? 0));
    const times = own.map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
    return { ...stream, times, end: Math.max(...ends) };
  });
}
