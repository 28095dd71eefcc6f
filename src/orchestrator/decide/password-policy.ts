/** Which passwords are taken: long ones that are not among the first that anybody tries (NIST SP 800-63B §3.1.1). */

const MIN_LENGTH = 12;
const MIN_DISTINCT = 5;

/** What is left of a common password when digits and signs, put around it to make it longer, are taken off. */
const COMMON = new Set(
  `password passwort passwords passwordpassword contrasena contrasenia contraseña clave claveclave secret secreto
  secretsecret qwerty qwertyuiop qwertyqwerty qwertz qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm asdfghjkl asdfasdf
  asdfgh zxcvbnm qazwsx qazwsxedc azerty azertyuiop abcdef abcdefg abcdefgh abcdefghij abcdefghijkl abcabc admin
  adminadmin administrator administrador root rootroot toor letmein letmeinletmein welcome welcomewelcome bienvenido
  bienvenida iloveyou iloveyouiloveyou teamo teamomucho monkey dragon master football futbol baseball basketball
  superman batman pokemon princess princesa sunshine shadow michael jordan jennifer trustno trustnoone whatever
  starwars freedom computer internet changeme changemenow default guest invitado user usuario test testtest testing
  temporary temporal passw passwd pass passpass hello hellohello hola holahola hunter killer mustang access login
  loginlogin company empresa oracle mysql server servidor robot robots roc rocroc orchestrator orquestador summer
  winter spring autumn verano invierno primavera january february march april june july august september october
  november december enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`
    .split(/\s+/)
    .map((word) => word.normalize('NFKC')),
);

/** What is wrong with a password, in words, or null for one that is taken. */
export function passwordFault(password: string, email: string): string | null {
  const text = password.normalize('NFKC').toLowerCase();
  if ([...text].length < MIN_LENGTH) return `it has fewer than ${MIN_LENGTH} characters`;
  if (new Set(text).size < MIN_DISTINCT) return `it has fewer than ${MIN_DISTINCT} different characters`;
  const letters = unmasked(text).replace(/[^\p{L}]/gu, '');
  if (COMMON.has(letters) || COMMON.has(text.replace(/[^\p{L}]/gu, '')))
    return 'it is one that everybody tries first';
  if (isRun(text)) return 'it is a row of neighbouring characters';
  const name = email.normalize('NFKC').toLowerCase().split('@')[0] ?? '';
  if (name.length >= 4 && letters === name.replace(/[^\p{L}]/gu, ''))
    return 'it is made of the e-mail address';
  return null;
}

/** The digits and signs that stand for letters, as people write them. */
function unmasked(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
    $: 's',
    '@': 'a',
  };
  // Those at the end are a number, not letters.
  return text.replace(/[\d\W_]+$/u, '').replace(/[013457$@]/g, (sign) => letters[sign] ?? sign);
}

/** `123456789012`, `abcdefghijkl`, `210987654321`: each follows the one before it, round about the ten digits. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  return [1, -1].some((step) => steps.every((found) => found === step || found === -9 * step));
}
