import { everyRouteContract } from '../../contracts/every-route.js';
import { startTestServer } from '../../helpers/test-server.js';

everyRouteContract(() => startTestServer());
