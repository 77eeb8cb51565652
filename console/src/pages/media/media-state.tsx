import { Badge, type Tone } from '../../components/display/badge.tsx';
import { isReceived, type ListedMedia } from '../../queries/media.ts';
import { mediaTexts as texts } from '../../texts/media.ts';

type State = keyof typeof texts.states;

const TONES: Readonly<Record<State, Tone>> = {
  uploading: 'neutral',
  waiting: 'accent',
  encoding: 'accent',
  done: 'good',
  fail: 'bad',
  deleted: 'neutral',
};

export function stateOf(media: ListedMedia): State {
  if (media.status === 'new') return isReceived(media) ? 'waiting' : 'uploading';
  return media.status === 'transcoding' ? 'encoding' : media.status;
}

export function MediaBadge({ media }: { readonly media: ListedMedia }) {
  const state = stateOf(media);
  const text = state === 'encoding' ? texts.encodingPercent(media.progress) : texts.states[state];
  return <Badge tone={TONES[state]}>{text}</Badge>;
}
