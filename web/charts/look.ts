// How pictures look: colours that reach 3:1 on white, and beside each a dash, a symbol and a decal, so that nobody needs colour.

export const ink = '#1a1a1a';
export const soft = '#4d4d4d';
export const line = '#767676';
export const faint = '#cccccc';
export const paper = '#ffffff';

export const colours = ['#0017c1', '#a83c00', '#197a4b', '#8b008b', '#00687a', '#6b5300', '#4d4d4d', '#b51d5c'];
export const dashes: ('solid' | number[])[] = ['solid', [8, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4], [1, 2], [6, 2, 2, 2, 2, 2]];
export const symbols = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];

/** How a state is drawn: `hollow` and the symbol say it without colour. Unknown states look like "none". */
export interface StateLook {
  colour: string;
  symbol: string;
}
const states: Record<string, StateLook> = {
  reached: { colour: '#197a4b', symbol: 'diamond' },
  done: { colour: '#197a4b', symbol: 'diamond' },
  'on-track': { colour: '#0017c1', symbol: 'circle' },
  active: { colour: '#0017c1', symbol: 'circle' },
  behind: { colour: '#a83c00', symbol: 'triangle' },
  late: { colour: '#a83c00', symbol: 'triangle' },
  wrong: { colour: '#8b008b', symbol: 'rect' },
  silent: { colour: '#8b008b', symbol: 'rect' },
  none: { colour: '#666666', symbol: 'emptyCircle' },
};

export function stateLook(state: string): StateLook {
  return states[state] ?? states['none']!;
}

/** The pattern laid over a bar or an area of the n-th series. */
export function decal(index: number): object {
  const patterns = [
    { symbol: 'none' },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
    { symbol: 'circle', dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0], symbolSize: 0.6 },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [4, 3], rotation: Math.PI / 4 },
    { symbol: 'triangle', dashArrayX: [[9, 9], [0, 9, 9, 0]], dashArrayY: [7, 2], symbolSize: 0.75 },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 6], rotation: 0 },
    { symbol: 'rect', dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 7], rotation: Math.PI / 2 },
  ];
  return { color: 'rgba(255, 255, 255, 0.6)', ...patterns[index % patterns.length] };
}
export const decalCount = 8;

/** Numbers in the page's language: 103兆, 103 trillion. */
export function formatter(lang: string): (value: number) => string {
  const small = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
  const large = new Intl.NumberFormat(lang, { notation: 'compact', compactDisplay: 'long', maximumFractionDigits: 1 });
  return (value) => (Math.abs(value) < 10000 ? small : large).format(value);
}
