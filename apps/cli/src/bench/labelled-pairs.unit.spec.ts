import { describe, expect, it } from '@jest/globals';
import { readLabelledPairs } from './labelled-pairs.js';
import { labelling } from './match-labelled.js';

const A = 'PATIENT A: nameFirst=Ann,nameMiddle=,nameLast=Smith,addressStreet1=1 Hill Rd, Apt 2,ssn=123456789,gender=F,';
const B = 'PATIENT B: nameLast=Smith,nameFirst=Anne,gender=F,mrns=7,';

function file(...labels: string[]): string {
  return labels.map((label) => `TEST: S-1:X\nEXPECT: ${label}\r\n${A}\n${B}`).join('\n');
}

describe('labelled pairs', () => {
  it('are read with their label, and left out with one that is not known', () => {
    const [pair, ...others] = readLabelledPairs(file('Match', 'Not Sure'));
    expect(others).toEqual([]);
    expect(pair).toMatchObject({
      label: 'Match',
      one: {
        names: [{ given: ['Ann'], family: 'Smith' }],
        addresses: [{ line: '1 Hill Rd, Apt 2' }],
        identifiers: [{ system: 'ssn', value: '123456789' }],
      },
      other: { names: [{ given: ['Anne'], family: 'Smith' }], identifiers: [] },
    });
  });

  it('say how well anything can do that gives one pair one grade', () => {
    const clear = Array.from({ length: 200 }, (_, at) => ({ ...readLabelledPairs(file('Match'))[0], text: `${at}` }));
    const apart = readLabelledPairs(file('Match', 'Match', 'Possible Match'));
    expect(labelling([...clear, ...apart])).toEqual({ labelledApart: 1, recallCeilingStrict: 1 });
    const twice = apart.map((pair) => ({ ...pair, text: `other ${pair.text}` }));
    const thrice = apart.map((pair) => ({ ...pair, text: `third ${pair.text}` }));
    expect(labelling([...clear, ...apart, ...twice, ...thrice])).toEqual({
      labelledApart: 3,
      recallCeilingStrict: Number((204 / 206).toFixed(4)),
    });
  });
});
