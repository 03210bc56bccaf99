import { describe, expect, it } from '@jest/globals';
import { boundaryOf } from './boundary.js';
import { compareTimes, timeKey } from './time.js';

describe('compareTimes', () => {
  it.each([
    ['2020-01-01', '2020-01-02', -1],
    ['2020', '2019-12-31', 1],
    ['2020', '2020-06', undefined],
    ['2020-01-01T10:00:00Z', '2020-01-01T12:00:00+02:00', 0],
    ['2020-01-01T00:30:00+01:00', '2019-12-31T23:30:00Z', 0],
    ['2020-01-01T10:00:00.5Z', '2020-01-01T10:00:00Z', 1],
    ['2020-01-01T10:00:00', '2020-01-01T10:00:00Z', undefined],
    ['2020-01-01', '2020-01-01T10:00:00Z', undefined],
    ['10:00:00', '10:00:01', -1],
    ['10:00:00', '2020-01-01', undefined],
    ['yesterday', '2020-01-01', undefined],
    [20, '2020', undefined],
  ])('%s against %s is %s', (left, right, wanted) => {
    const order = compareTimes(left, right);
    expect(order === undefined ? undefined : Math.sign(order)).toBe(wanted);
    if (wanted === 0) expect(timeKey(left)).toBe(timeKey(right));
  });
});

describe('boundaryOf', () => {
  it.each([
    ['date', '1970', '1970-01-01', '1970-12-31'],
    ['date', '2020-02', '2020-02-01', '2020-02-29'],
    ['date', '1900-02', '1900-02-01', '1900-02-28'],
    ['date', '2020-02-03', '2020-02-03', '2020-02-03'],
    ['dateTime', '2010', '2010-01-01T00:00:00.000+14:00', '2010-12-31T23:59:59.999-12:00'],
    ['dateTime', '2010-10-10T08:30:00Z', '2010-10-10T08:30:00.000Z', '2010-10-10T08:30:00.999Z'],
    ['instant', '2010-10-10T08:30:00.5+02:00', '2010-10-10T08:30:00.500+02:00', '2010-10-10T08:30:00.599+02:00'],
    ['time', '12:34:00', '12:34:00.000', '12:34:00.999'],
    ['date', 'once', undefined, undefined],
    ['string', '2010', undefined, undefined],
  ])('the %s %s lasts from %s to %s', (type, value, low, high) => {
    expect([boundaryOf(value, 'low', type), boundaryOf(value, 'high', type)]).toEqual([low, high]);
  });
});
