/** A rehearsal keeps what every room promises. */
import { conformance } from '../conformance/scenarios.ts';
import { rehearsal } from './support/rehearsal-host.ts';

conformance(rehearsal);
