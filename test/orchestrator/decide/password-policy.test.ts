import { describe, expect, it } from 'vitest';
import { passwordFault } from '../../../src/orchestrator/decide/password-policy.js';

describe('the password policy', () => {
  it.each([
    'correct horse battery staple',
    'Tr0ub4dor&3 is longer now',
    'ñandú y colibrí 7',
    'mi perro come papas',
    'x7#kQp9!mZ2w',
    'password manager made this one',
  ])('takes %s', (password) => {
    expect(passwordFault(password, 'ana@example.com')).toBeNull();
  });

  it.each([
    ['', 'fewer than 12'],
    ['short', 'fewer than 12'],
    ['elevenchars', 'fewer than 12'],
    ['aaaaaaaaaaaaaaa', 'different'],
    ['abababababab', 'different'],
    ['Password12345', 'everybody'],
    ['p4ssw0rd!2026!', 'everybody'],
    ['P@$$w0rd123456', 'everybody'],
    ['!!!!qwertyuiop!!!!', 'everybody'],
    ['Contraseña2026!', 'everybody'],
    ['ｐａｓｓｗｏｒｄ１２３４５６', 'everybody'],
    ['1234567890123', 'row'],
    ['abcdefghijklmno', 'row'],
    ['ponmlkjihgfedcba', 'row'],
    ['ana.example2026', 'address'],
  ])('refuses "%s"', (password, why) => {
    expect(passwordFault(password, 'ana.example@example.com')).toContain(why);
  });

  it('counts what people see as one character once', () => {
    expect(passwordFault('🦜🦜🦜🦜🦜🦜', 'a@x')).toContain('fewer than 12');
  });
});
