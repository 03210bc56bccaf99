import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MODEL } from './default-model.js';
import { MatchEngine } from './match-engine.js';
import { type PersonFields } from './person-fields.js';

const EMPTY: PersonFields = { names: [], phones: [], emails: [], addresses: [], identifiers: [] };
const ann: PersonFields = {
  ...EMPTY,
  names: [{ given: ['Ann', 'Marie'], family: 'Müller-Smith' }],
  birthDate: '1984-03-07',
  sex: 'female',
  phones: ['+1 (231) 512-9048'],
  addresses: [{ line: '63 Hardin Cir', city: 'Boyne Falls', state: 'MI', postcode: '49713' }],
};

describe('MatchEngine', () => {
  const engine = new MatchEngine(DEFAULT_MODEL);

  it('links a record with a misspelling and tells why, exactly', () => {
    const a = engine.prepare(ann);
    const b = engine.prepare({
      ...ann,
      names: [{ given: ['Anne'], family: 'Muller' }],
      phones: ['231-512-9048'],
    });
    const { score, grade } = engine.compare(a, b);
    expect(grade).toBe('probable');
    expect(engine.compare(a, engine.prepare({ ...ann })).grade).toBe('certain');
    const { prior, comparisons, total } = engine.explain(a, b);
    expect(comparisons.reduce((sum, { weight }) => sum + weight, prior)).toBe(total);
    expect(total).toBe(score);
    expect(engine.compare(b, a)).toEqual(engine.compare(a, b));
  });

  it('knows nothing of two empty records', () => {
    const empty = engine.prepare(EMPTY);
    expect(engine.keys(empty)).toEqual([]);
    expect(engine.compare(empty, engine.prepare(EMPTY)).grade).toBe('certainly-not');
  });

  it('gives a record back from its bytes, with the same keys and scores', () => {
    const a = engine.prepare(ann);
    const back = engine.decode(engine.encode(a));
    expect(back).toEqual(a);
    expect(engine.keys(back)).toEqual(engine.keys(a));
  });
});
