import { samples, shows, tagged } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

// The light of the result on a display of BT.1886 is that of the samples on the reference display of BT.2100, with
// white paper at 203 nits.
mediaCase('skin in HLG keeps its colour', {
  source: {
    name: 'skin.mkv',
    args: [
      ...samples('yuv420p10le', [484, 465, 558]),
      ...['-c:v', 'ffv1', ...tagged('bt2020nc', 'bt2020', 'arib-std-b67')],
    ],
  },
  expect: { ...shows([171, 129, 110], 5), notes: [/^The picture is in HDR \(HLG\)/] },
});
