import { describe, expect, it } from 'vitest';
import { isUnprotected, parseServerUrl } from '../../src/cli/server-url.js';

describe('server addresses', () => {
  it.each([
    ['http://127.0.0.1:7070', 'http://127.0.0.1:7070'],
    ['https://roc.example.com/', 'https://roc.example.com'],
    [' HTTPS://Roc.Example.com:443 ', 'https://roc.example.com'],
    ['http://[::1]:7070', 'http://[::1]:7070'],
  ])('reads %s', (text, origin) => {
    expect(parseServerUrl(text, '--url')).toBe(origin);
  });

  it.each([
    ['', 'is no URL'],
    ['localhost', 'is no URL'],
    ['localhost:7070', 'is neither http:// nor https://'],
    ['ftp://roc.example.com', 'is neither http:// nor https://'],
    ['https://ada:secret@roc.example.com', 'must hold no user name or password'],
    ['https://roc.example.com/api/v1', 'must end after host and port'],
    ['https://roc.example.com/?a=1', 'must end after host and port'],
    ['https://roc.example.com/#a', 'must end after host and port'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseServerUrl(text, '--url')).toThrow(`--url ${problem}`);
  });

  it('never repeats a password that stands in the address', () => {
    expect(() => parseServerUrl('https://ada:secret@roc.example.com', '--url')).not.toThrow('secret');
  });

  it.each([
    ['http://127.0.0.1:7070', false],
    ['http://localhost:7070', false],
    ['http://[::1]:7070', false],
    ['https://roc.example.com', false],
    ['http://roc.example.com', true],
    ['http://127.0.0.1.evil.example', true],
    ['http://10.0.0.5:7070', true],
  ])('%s unprotected: %s', (url, expected) => {
    expect(isUnprotected(url)).toBe(expected);
  });
});
