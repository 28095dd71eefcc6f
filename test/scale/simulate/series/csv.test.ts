import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../src/scale/simulate/series/csv.js';

const read = (text: string, column?: string) => readCsv(text, { name: 'demand.csv', column });
const T0 = Date.UTC(2026, 2, 1);

describe('CSV', () => {
  it.each([
    ['a header', 'timestamp,value\n2026-03-01,5\n2026-03-02,6\n'],
    ['no header', '2026-03-01,5\n2026-03-02,6'],
    ['semicolons and a decimal comma', 'Zeit;Wert\n2026-03-01;5,0\n2026-03-02;6,0\n'],
    ['tabs', '2026-03-01\t5\n2026-03-02\t6\n'],
    ['quotes', '"when","n"\r\n"2026-03-01","5"\r\n"2026-03-02","6"\r\n'],
    ['a mark, comments and empty lines', '\ufeff# from the balancer\n\n2026-03-01,5\n\n2026-03-02,6\n'],
    ['percent signs', 't,cpu\n2026-03-01,5%\n2026-03-02,6 %\n'],
    ['the time in the second column', 'value,timestamp\n5,2026-03-01\n6,2026-03-02\n'],
    ['words beside the number', 'host,timestamp,value\na,2026-03-01,5\na,2026-03-02,6\n'],
  ])('is read with %s', (_, text) => {
    expect(read(text)).toEqual({ at: [T0, T0 + 86_400_000], value: [5, 6] });
  });

  it('takes the column that was named', () => {
    expect(read('t,errors,requests\n2026-03-01,1,50\n', 'requests').value).toEqual([50]);
  });

  it('takes an empty field, NaN and null as no value', () => {
    expect(read('2026-03-01,5\n2026-03-02,\n2026-03-03,NaN\n2026-03-04,null\n').value).toEqual([
      5,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it.each([
    ['', undefined, 'it holds no line'],
    ['hello\nworld\n', undefined, 'no column of its first row reads as a time'],
    ['t,v\n2026-03-01,many\n', undefined, 'no column beside the time is a number'],
    ['t,v\n2026-03-01,5\n2026-03-0', undefined, 'line 3: "2026-03-0" is no time'],
    ['t,v\n2026-03-01,5\n2026-03-02,many\n', undefined, 'line 3: "many" is no demand'],
    ['t,v\n2026-03-01,5\n2026-03-02,-1\n', undefined, 'line 3: "-1" is no demand'],
    ['t,v\n2026-03-01,5\n2026-03-02,Infinity\n', undefined, 'line 3: "Infinity" is no demand'],
    ['t,v\n2026-03-01,5\n', 'requests', 'it has no column "requests"'],
  ])('refuses %j', (text, column, why) => {
    expect(() => read(text, column)).toThrow(`demand.csv: ${why}`);
  });
});
