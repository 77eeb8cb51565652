import type { InputDepth } from '../ffmpeg/input-args.ts';
import { type DecodedFrame, decodedFrameOf, isSideways, type ReportedFrame } from './decoded-frame.ts';
import type { PacketTimes } from './packet-times.ts';

/** Facts about a received file that are known before it is encoded. */
export interface Probe {
  /** Seconds from the first picture or sound to the end of the last one, which is what a player plays. */
  readonly durationSeconds: number;
  /**
   * Time stamp at which the first picture or sound begins, in seconds: that of the file or, if it is joined, that
   * of ffmpeg's decoders.
   */
  readonly beginsAt: number;
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
  /** Sounds that can take the place of `audio` if it cannot be decoded. Left out: there are no others. */
  readonly otherSounds?: readonly AudioStream[];
  /** Indices of pictures that are skipped because nothing of them can be decoded. Left out: all can be. */
  readonly undecodable?: readonly number[];
  /** Whole sentences for the account: what of the file was left out or changed, and why. */
  readonly notes: readonly string[];
  /**
   * Index of the stream that holds an attached picture; `null`: no stream does. An attached picture is the
   * cover of an album and does not count as video.
   */
  readonly coverStream: number | null;
  /** Beginning that ffmpeg must read to find the streams. Left out: as much as it reads by default. */
  readonly depth?: InputDepth;
  /**
   * Streams by whose times ffmpeg joins the parts of the file to one timeline, because the times in the file jump.
   * Left out: they do not jump.
   */
  readonly joined?: readonly number[];
  /** Whether single packets have times far behind the end, and are left out. Left out: there is no such packet. */
  readonly hasStrays?: true;
}

/** When a stream is played, in seconds from the first picture or sound of the file. */
export interface StreamSpan {
  readonly start: number;
  readonly end: number;
}

export interface VideoStream {
  readonly span: StreamSpan;
  /** Index of the stream in the file. */
  readonly stream: number;
  readonly codec: string;
  /** Width in pixels as displayed: after rotation, and with square pixels. The same is true of `height`. */
  readonly width: number;
  readonly height: number;
  /** Frames per second at which to encode, at most `MAX_OUTPUT_FRAME_RATE`. */
  readonly frameRate: number;
  readonly interlaced: boolean;
  readonly frame: DecodedFrame;
}

export interface AudioStream {
  readonly span: StreamSpan;
  readonly stream: number;
  readonly codec: string;
  readonly channels: number;
  /** Layout of the channels as ffprobe names it, such as `5.1(side)`. Left out: not known. */
  readonly layout?: string;
  /** Hertz. */
  readonly sampleRate: number;
  /** Language as the file states it, such as `ger`. Left out: the file states none. */
  readonly language?: string;
  /**
   * Index of the stream that is the right channel, if two streams of one channel each are left and right. Left out:
   * the stream is the whole sound.
   */
  readonly right?: number;
}

/**
 * JSON report of ffprobe with the fields of `REPORTED_ENTRIES`. Any field can be missing, because a hostile
 * file can omit any of them.
 */
export interface ProbeReport {
  readonly streams?: readonly ReportedStream[];
  readonly format?: {
    readonly format_name?: string;
    readonly start_time?: string;
    readonly duration?: string;
    readonly size?: string;
  };
}

export interface ReportedStream extends ReportedFrame {
  readonly index: number;
  readonly codec_type?: string;
  readonly sample_aspect_ratio?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly field_order?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly nb_frames?: string;
  readonly channels?: number;
  readonly channel_layout?: string;
  readonly sample_rate?: string;
  readonly tags?: { readonly alpha_mode?: string; readonly language?: string };
  readonly disposition?: {
    readonly default?: number;
    readonly attached_pic?: number;
    readonly timed_thumbnails?: number;
  };
}

/**
 * Value of ffprobe's option `-show_entries` with which ffprobe reports the fields of `ProbeReport`. Only two
 * tags are requested, because a tag can have any length.
 */
export const REPORTED_ENTRIES = [
  'format=format_name,start_time,duration,size',
  'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,r_frame_rate,avg_frame_rate,field_order,start_time,duration,nb_frames,channels,channel_layout,sample_rate,pix_fmt,color_range,color_space,color_transfer,color_primaries',
  'stream_disposition=default,attached_pic,timed_thumbnails',
  'stream_side_data=rotation,dv_profile',
  'stream_tags=alpha_mode,language',
].join(':');

/**
 * Maximum number of frames per second of an encoded video. Files of screen recorders state 1000 frames per
 * second. More than 60 frames per second are of no use: the additional frames repeat earlier frames, or
 * viewers cannot see them.
 */
export const MAX_OUTPUT_FRAME_RATE = 60;
const FALLBACK_FRAME_RATE = 30;
const STANDARD_FRAME_RATES = [24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60];

/** Factor from which on the busiest part of a video is faster than the whole. */
const UNSTEADY = 1.05;

const INTERLACED = ['tt', 'bb', 'tb', 'bt'];

/**
 * Returns the facts about a file. Of several pictures or sounds, the one that the file marks as the default is
 * chosen. A stream without packets is never chosen, whatever the headers say.
 */
export function readReport(report: ProbeReport, packets: ReadonlyMap<number, PacketTimes>): Probe {
  const streams = (report.streams ?? []).filter((stream) => stream.codec_name !== undefined);
  const hasPackets = ({ index }: ReportedStream) => packets.has(index);
  const video = preferred(streams.filter((stream) => isVideo(stream) && !isCover(stream)).filter(hasPackets));
  const sounds = streams.filter(isAudio).filter(hasPackets);
  const audio = preferred(sounds);
  const shown = video && shownTimes(video, packets);
  const heard = audio && heardTimes(audio, packets);
  const times = [shown, heard].filter((time) => time !== undefined);
  const start = Math.min(...times.map((time) => time.start));
  const end = Math.max(...times.map((time) => time.end));
  const spanOf = (time = { start, end }): StreamSpan => ({
    start: time.start - start,
    end: time.end - start,
  });
  const others = sounds
    .filter((sound) => sound !== audio)
    .map((sound) => ({ ...readAudio(sound), span: spanOf(heardTimes(sound, packets)) }));
  return {
    durationSeconds: times.length > 0 ? end - start : 0,
    beginsAt: times.length > 0 ? start : 0,
    video: video ? { ...readVideo(video, packets.get(video.index)?.busiest), span: spanOf(shown) } : null,
    audio: audio ? { ...readAudio(audio), ...rightOf(audio, sounds), span: spanOf(heard) } : null,
    ...(others.length > 0 ? { otherSounds: others } : {}),
    coverStream: streams.find((stream) => isVideo(stream) && isCover(stream))?.index ?? null,
    notes: [],
  };
}

/** Returns when a picture is shown. A single picture without a duration lasts as long as one of its frame rate. */
function shownTimes(
  video: ReportedStream,
  packets: ReadonlyMap<number, PacketTimes>,
): StreamSpan | undefined {
  const time = packets.get(video.index);
  if (!time || time.end > time.start || time.count > 1) return time;
  return { start: time.start, end: time.start + 1 / readVideo(video).frameRate };
}

/**
 * Maximum number of seconds of a sound that decoders leave out, because encoders need them to begin. The file
 * states a later start then.
 */
const MAX_PRIMING = 0.2;

/** Returns when a sound is heard. */
function heardTimes(
  audio: ReportedStream,
  packets: ReadonlyMap<number, PacketTimes>,
): StreamSpan | undefined {
  const time = packets.get(audio.index);
  const stated = Number(audio.start_time ?? Number.NaN);
  const isPrimed = time && stated > time.start && stated < Math.min(time.end, time.start + MAX_PRIMING);
  return isPrimed ? { start: stated, end: time.end } : time;
}

/**
 * Returns whether the properties of a stream are known, without which nothing can be decoded. They are always
 * known of a stream that is neither a picture nor sound, because it is not decoded.
 */
export function isReadable(stream: ReportedStream): boolean {
  if (stream.codec_type === 'video') return isVideo(stream);
  return stream.codec_type !== 'audio' || isAudio(stream);
}

/** Containers of recordings whose times may jump (ffmpeg's flag `AVFMT_TS_DISCONT`). */
const JOINED_FORMATS = ['mpegts', 'mpeg', 'ogg'];

/** Returns whether ffmpeg plays the parts of a file one after the other if its times jump. */
export function canBeJoined({ format }: ProbeReport): boolean {
  return JOINED_FORMATS.includes(format?.format_name ?? '');
}

/** Returns whether the pictures of a stream are no video: the cover of an album, or pictures of chapters. */
export function isCover({ disposition }: ReportedStream): boolean {
  return disposition?.attached_pic === 1 || disposition?.timed_thumbnails === 1;
}

export function isVideo(stream: ReportedStream): boolean {
  return stream.codec_type === 'video' && (stream.width ?? 0) > 0 && (stream.height ?? 0) > 0;
}

function isAudio(stream: ReportedStream): boolean {
  return stream.codec_type === 'audio' && (stream.channels ?? 0) > 0 && Number(stream.sample_rate) > 0;
}

function preferred(streams: readonly ReportedStream[]): ReportedStream | undefined {
  return streams.find((stream) => stream.disposition?.default === 1) ?? streams[0];
}

function readVideo(stream: ReportedStream, busiest?: number): Omit<VideoStream, 'span'> {
  const squared = (stream.width ?? 0) * pixelAspect(stream.sample_aspect_ratio);
  const upright = { width: Math.max(1, Math.round(squared)), height: stream.height ?? 0 };
  const rotation = rotationOf(stream);
  const displayed = isSideways(rotation) ? { width: upright.height, height: upright.width } : upright;
  return {
    stream: stream.index,
    codec: stream.codec_name ?? '',
    ...displayed,
    frame: decodedFrameOf(stream, displayed, rotation),
    frameRate: frameRateOf(rational(stream.r_frame_rate), rational(stream.avg_frame_rate), busiest),
    interlaced: INTERLACED.includes(stream.field_order ?? ''),
  };
}

function readAudio(stream: ReportedStream): Omit<AudioStream, 'span' | 'right'> {
  const { channel_layout: layout } = stream;
  return {
    stream: stream.index,
    codec: stream.codec_name ?? '',
    channels: stream.channels ?? 0,
    ...(layout && layout !== 'unknown' ? { layout } : {}),
    sampleRate: Number(stream.sample_rate),
    ...(stream.tags?.language ? { language: stream.tags.language } : {}),
  };
}

/**
 * Returns the stream that is the right channel of `left`: cameras and editors write left and right as streams of one
 * channel each, one after the other. Streams in different languages are no pair.
 */
function rightOf(left: ReportedStream, sounds: readonly ReportedStream[]): { right?: number } {
  const next = sounds[sounds.indexOf(left) + 1];
  const describe = ({ channels, codec_name, sample_rate, tags }: ReportedStream) =>
    [channels, codec_name, sample_rate, tags?.language].join(' ');
  return left.channels === 1 && next && describe(left) === describe(next) ? { right: next.index } : {};
}

/** Returns the rotation of a video in degrees; `undefined`: the file says nothing about it. */
function rotationOf(stream: ReportedStream): number | undefined {
  return stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
}

/**
 * Returns the width of a pixel divided by its height. Returns 1 if the file states a ratio below 1/4 or above
 * 4, because no camera makes such pixels.
 */
function pixelAspect(ratio: string | undefined): number {
  const aspect = rational(ratio?.replace(':', '/'));
  return aspect >= 0.25 && aspect <= 4 ? aspect : 1;
}

/**
 * Returns the frames per second at which to encode. `busiest` is the rate where pictures follow each other fastest,
 * and 0 if it is not known. If it is higher than that of the whole, all pictures of that part get a place: a repeated
 * picture takes next to no bits, but a picture that is left out is lost.
 */
export function frameRateOf(stated: number, average: number, busiest = 0): number {
  const steady = steadyRateOf(stated, average);
  return busiest > steady * UNSTEADY ? standardNear(busiest) : steady;
}

/**
 * Returns the frames per second of a video whose pictures are equally far apart. `stated` (`r_frame_rate`) is exact,
 * but wrong in two cases: if the intervals between frames vary, or if the video is interlaced, because ffprobe then
 * counts fields and not frames. `average` is inexact, but always near the real value.
 */
function steadyRateOf(stated: number, average: number): number {
  const near = average > 0 ? stated / average < 1.5 : true;
  if (stated > 0 && stated <= MAX_OUTPUT_FRAME_RATE && near) return stated;
  if (average <= 0) return FALLBACK_FRAME_RATE;
  const standard = STANDARD_FRAME_RATES.find((rate) => Math.abs(rate / average - 1) < 0.01);
  return standard ?? Math.min(MAX_OUTPUT_FRAME_RATE, Math.max(1, Math.round(average)));
}

/** Returns the nearest of the rates that cameras and screen recorders have; otherwise a rate that is not lower. */
function standardNear(rate: number): number {
  const distance = (standard: number) => Math.abs(standard / rate - 1);
  const [nearest = 0] = STANDARD_FRAME_RATES.toSorted((a, b) => distance(a) - distance(b));
  return distance(nearest) < 0.03 ? nearest : Math.min(MAX_OUTPUT_FRAME_RATE, Math.ceil(rate));
}

/** Returns the value of a fraction: `30000/1001` → 29.97. Returns 0 if the text is not a positive number. */
export function rational(text: string | undefined): number {
  const [numerator = Number.NaN, denominator = 1] = (text ?? '').split('/').map(Number);
  return positive(numerator / denominator);
}

function positive(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
