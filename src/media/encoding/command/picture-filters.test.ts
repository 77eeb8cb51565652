import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceColour } from '../source/colour.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { tableOf } from './colour-filters.ts';
import { conversionFilters, decodingArgs, type PictureConversion } from './picture-filters.ts';

const frame = plainFrame(1920, 1080);
const plain: PictureConversion = { frame, deinterlace: false, width: 1280, height: 720 };

/** Returns the chain for a source whose colours differ from the plain ones, without what fits its shape. */
function chain(colour: Partial<SourceColour>, conversion: Partial<PictureConversion> = {}): string {
  const coloured = { ...plain, frame: { ...frame, colour: { ...frame.colour, ...colour } }, ...conversion };
  const filters = conversionFilters(coloured, 'yuv420p').join(',');
  return filters.replaceAll(/scale=w='[^']*':h='[^']*':eval=frame:flags=bicubic:?/g, 'fit:');
}

const BT709 = 'in_color_matrix=bt709:in_range=limited:out_color_matrix=bt709:out_range=limited';
const PAD = 'pad=1280:720:-1:-1:eval=frame';

test('a plain picture is scaled once', () => {
  assert.equal(chain({}), `fit:${BT709},format=yuv420p,${PAD}`);
});

test('matrix and range of a source are converted while it is scaled', () => {
  const bt601 = 'in_color_matrix=bt601:in_range=full:out_color_matrix=bt709:out_range=limited';
  assert.equal(chain({ matrix: 'bt601', range: 'full' }), `fit:${bt601},format=yuv420p,${PAD}`);
  const rgb = 'in_range=full:out_color_matrix=bt709:out_range=limited';
  assert.equal(chain({ samples: 'rgb', range: 'full' }), `fit:${rgb},format=yuv420p,${PAD}`);
});

test('other primaries are converted with the light of the picture', () => {
  assert.match(
    chain({ matrix: 'bt601', primaries: 'bt470bg' }),
    /iprimaries=bt470bg:itrc=bt709:irange=tv:all=bt709/,
  );
  assert.match(chain({ primaries: 'p3' }), /ispace=bt709:iprimaries=smpte432:/);
});

test('PQ is tone-mapped by zscale, HLG by a table', () => {
  const pq: Partial<SourceColour> = { matrix: 'bt2020', primaries: 'bt2020', transfer: 'pq' };
  assert.match(chain(pq), /tin=smpte2084.*npl=203,.*tonemap=mobius.*sidedata=delete/);
  assert.match(chain({ ...pq, isTabled: true }), /^((?!zscale).)*lut3d=colour\.cube((?!zscale).)*$/);
  const colour = { ...frame.colour, ...pq };
  assert.deepEqual([tableOf(colour), tableOf({ ...colour, isTabled: true })?.transfer], [null, 'pq']);
});

test('frames are made one size before their fields or their alpha are looked at', () => {
  assert.match(chain({}, { deinterlace: true }), /^fit:,pad=1920:1080:-1:-1:eval=frame,yadif=/);
  assert.match(
    chain({ hasAlpha: true }),
    /^fit:in_color_matrix=bt709:in_range=limited,format=gbrap,pad=[^,]*,premultiply=inplace=1,format=gbrp,fit:in_range=full/,
  );
});

test('filters stay when the size of pictures changes, unless ffmpeg rotates the pictures', () => {
  assert.deepEqual(decodingArgs({ frame }), ['-reinit_filter:v', '0']);
  assert.deepEqual(decodingArgs({ frame: { ...frame, isTurned: true } }), []);
  assert.ok(decodingArgs({ frame: { ...frame, isAskew: true } }).includes('-noautorotate'));
});

test('alpha beside the picture is decoded by libvpx', () => {
  assert.deepEqual(decodingArgs({ frame: { ...frame, isTurned: true, alphaDecoder: 'libvpx' } }), [
    '-c:v',
    'libvpx',
  ]);
});
