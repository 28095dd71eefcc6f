import { describe, expect, it } from 'vitest';
import { readYamlDocument } from '../../src/kernel/yaml-document.js';

const TEXT = `# a comment
server:
  listen: 127.0.0.1:7070
gates:
  - name: one
    max: 0
  - name: two

    when: {kev: true}
`;

describe('a YAML document', () => {
  it.each<[PropertyKey[], number]>([
    [['server'], 2],
    [['server', 'listen'], 3],
    [['server', 'missing'], 2],
    [['gates', 0], 5],
    [['gates', 0, 'max'], 6],
    [['gates', 1, 'when', 'kev'], 9],
    [['gates', 7, 'max'], 4],
    [['nothing'], 2],
  ])('knows the line of %j', (path, line) => {
    expect(readYamlDocument(TEXT).lineOf(path)).toBe(line);
  });

  it.each([
    ['a: 1\nb: [1\n', 3],
    ['a: 1\na: 2\n', 2],
    ['a: b: c\n', 1],
  ])('says in which line %j is no YAML', (text, line) => {
    const { value, problems } = readYamlDocument(text);
    expect(value).toBeUndefined();
    expect(problems[0]?.line).toBe(line);
    expect(problems[0]?.message).not.toMatch(/\n|line/);
  });

  it('follows no bomb of aliases', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe'].map((pair) => [...pair]))
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`);
    const { value, problems } = readYamlDocument(bomb.join('\n'));
    expect(value).toBeUndefined();
    expect(problems[0]?.message).toMatch(/alias/);
  });

  it('reads an empty text as nothing', () => {
    expect(readYamlDocument('# only a comment\n')).toMatchObject({ value: null, problems: [] });
    expect(readYamlDocument('').lineOf(['a'])).toBeNull();
  });
});
