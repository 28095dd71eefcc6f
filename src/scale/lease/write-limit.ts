/** How long a change of AWS may be under way: so much of the lease must be left when it begins. */
import { SECOND } from '../../kernel/time.js';

export const WRITE_LIMIT = 20 * SECOND;
